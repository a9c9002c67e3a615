import * as z from 'zod';
import { settingKind } from '#functions/settings/setting.ts';

/** Where leads come from; its kind is an open list that a firm adds to. */
const Channel = z.object({ kind: z.string().min(1).max(60), on: z.boolean() });
export const channelKind = settingKind('channel', 'channels', Channel);
