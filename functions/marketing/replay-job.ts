import { commit } from '#shared/command.ts';
import { isRefusal } from '#shared/errors.ts';
import type { JobKind } from '#shared/jobs.ts';
import { listWhole } from '#shared/table/read.ts';
import { replayed } from './replay.ts';
import { raws } from './store.ts';

/** Replays every request of one kind of trouble, e.g. after a mapping was mended; each becomes one lead at most. */
export const replayJob: JobKind = {
  kind: 'replay-intake',
  async chunk({ input, cursor, perform }) {
    const page = await listWhole(raws, 'gsi3', { attention: String(input['attention']) }, { limit: 25, cursor });
    const wanted = page.items.filter(({ sourceId }) => input['source'] === undefined || sourceId === input['source']);
    const faults: { id: string; why: string }[] = [];
    for (const { id } of wanted) {
      try {
        await perform(commit(replayed(id)));
      } catch (error) {
        // Somebody else replayed it meanwhile.
        if (!isRefusal(error)) throw error;
        faults.push({ id, why: error.message });
      }
    }
    return { done: wanted.length - faults.length, faults, cursor: page.cursor };
  },
};
