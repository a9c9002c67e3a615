import { letterId } from '#functions/mail/letter.ts';
import { isLate, text, twice, type Broken, type Table } from './invariant-table.ts';

const ENDED = new Set(['sent', 'delivered', 'bounced', 'complained', 'not_sent']);

/** I9: every letter ends, within the hour, and says how; one for each purpose, cause and reader. */
export function* letterFaults(table: Table): Generator<Broken> {
  const rule = 'I9 letter';
  for (const letter of table.of('letter')) {
    const id = text(letter['id']);
    const { state, purpose, cause, to } = letter;
    const ended = ENDED.has(text(state));
    if (!ended && isLate(table, letter['queuedAt'], 1))
      yield { rule, id, why: `it is ${text(state)} since ${text(letter['queuedAt'])}` };
    if (ended === (letter['gsi3pk'] !== undefined))
      yield { rule, id, why: `it is ${text(state)}, and its place in the queue says otherwise` };
    if (state === 'not_sent' && !text(letter['reason'])) yield { rule, id, why: 'it was not sent, and says no reason' };
    if (letterId(text(purpose), text(cause), text((to as { email?: string } | undefined)?.email)) !== id)
      yield { rule, id, why: 'its id is not the hash of purpose, cause and reader' };
  }
  const sameness = ({ purpose, cause, to }: Readonly<Record<string, unknown>>): string =>
    JSON.stringify([purpose, cause, to]);
  for (const [what, all] of twice(table.of('letter'), sameness))
    yield { rule, id: text(all[0]?.['id']), why: `there are ${all.length} letters of ${what}` };
}
