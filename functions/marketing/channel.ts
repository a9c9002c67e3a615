import * as z from 'zod';
import { settingKind } from '#functions/settings/setting.ts';
import { Name } from '#shared/text.ts';

/** Where leads come from; its kind is an open list that a firm adds to. */
const Channel = z.object({ kind: Name(60), on: z.boolean() });
export const channelKind = settingKind('channel', 'channels', Channel);
