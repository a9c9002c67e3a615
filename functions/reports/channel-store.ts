import * as z from 'zod';
import type { Decision } from '#shared/command.ts';
import { entity } from '#shared/table/entity.ts';
import type { Read } from '#shared/table/read.ts';
import { epochOf } from '#shared/time.ts';
import { ChannelHeard, ChannelSilent, type Silence } from './channel.ts';

/** What was noticed of a channel last: beside its setting, so that both have one history. */
const ChannelWatch = z.object({
  id: z.string(),
  version: z.int(),
  state: z.enum(['silent', 'heard']),
  /** Its last lead when that was noticed. */
  lastAt: z.string(),
});
export const channelWatches = entity('channelWatch', ChannelWatch, {
  part: 'W',
  recordId: ({ id }) => `channel.${id}`,
});

/** Notes a silence, once for each last lead, or its end. Nothing when that was noticed, or somebody has seen a later lead. */
export async function noticed(
  read: Read,
  id: string,
  { lastAt, silent, usual }: Silence,
): Promise<Decision | undefined> {
  const before = await read.get(channelWatches, { id });
  if (lastAt === undefined || (before && lastAt < before.lastAt)) return undefined;
  if (silent && !(before?.state === 'silent' && before.lastAt === lastAt)) {
    const now = { state: 'silent', lastAt } as const;
    const write = before ? channelWatches.save(before, now) : channelWatches.create({ id, version: 1, ...now });
    return { writes: [write], events: [ChannelSilent.of(write, { lastAt, limitMinutes: usual?.limit ?? 0 })] };
  }
  if (before?.state !== 'silent' || silent || lastAt === before.lastAt) return undefined;
  const write = channelWatches.save(before, { state: 'heard', lastAt });
  const silentMinutes = Math.round((epochOf(lastAt) - epochOf(before.lastAt)) / 60_000);
  return { writes: [write], events: [ChannelHeard.of(write, { lastAt, silentMinutes })] };
}
