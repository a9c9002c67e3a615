import { channelKind } from '#functions/marketing/channel.ts';
import { allInForce } from '#functions/settings/store.ts';
import { commit, run, type Context } from '#shared/command.ts';
import { arrivalsOf } from './arrival.ts';
import { silenceOf } from './channel.ts';
import { noticed } from './channel-store.ts';
import { openCopy, systemViewer } from './list.ts';

/** Looks at every channel in use. What it decides rests on what it noticed before, so it may be called as often as it likes. */
export async function watchChannels(context: Omit<Context, 'by'>): Promise<{ channels: number }> {
  const { copy } = await openCopy();
  const { now } = context;
  const arrivals = arrivalsOf(copy, systemViewer(copy, 'channels', now), now);
  const watched = (await allInForce(channelKind)).filter(({ body }) => body.on);
  for (const { id } of watched) {
    const silence = silenceOf(arrivals.get(id) ?? [], now);
    await run(
      commit((read) => noticed(read, id, silence)),
      { ...context, by: { kind: 'robot', id: 'channels' } },
    );
  }
  return { channels: watched.length };
}
