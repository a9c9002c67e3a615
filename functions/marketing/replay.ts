import { refuse } from '#shared/errors.ts';
import type { Decide } from '#shared/command.ts';
import { IntakeReplayed } from './intake.ts';
import { raws } from './store.ts';

/** Puts a request that waits for a person back on its way. One that became a lead stays with that lead. */
export const replayed =
  (id: string): Decide =>
  async (read) => {
    const raw = await read.need(raws, { id });
    if (raw.state === 'done')
      throw refuse('wrong_state', {
        what: 'The request',
        state: raw.state,
        why: `it is lead ${raw.leadId ?? ''} already`,
      });
    const write = raws.save(raw, { state: 'received', attention: undefined, reason: undefined });
    return {
      writes: [write],
      events: [IntakeReplayed.of(write, { sourceId: raw.sourceId })],
      answer: write,
      status: 202,
    };
  };
