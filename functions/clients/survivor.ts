import { refuse } from '#shared/errors.ts';
import type { EntityName } from '#shared/table/keys.ts';
import type { Read } from '#shared/table/read.ts';
import type { Check } from '#shared/table/write.ts';
import { clients, people } from './store.ts';

type Merged = { id: string; mergedInto?: string | undefined };
type Kept<R> = {
  name: EntityName;
  key(fields: { id: string }): Check['key'];
  decode(item: Record<string, unknown>): R;
};

/** Records are merged into records that are merged: nobody does it more often than this. */
const MAX_MERGES = 20;

/** The record that one has become, however often it was merged; undefined when there is none. */
export async function survivorOf<R extends Merged>(read: Read, kept: Kept<R>, id: string): Promise<R | undefined> {
  let found = await read.get(kept, { id });
  for (let step = 0; step < MAX_MERGES && found?.mergedInto !== undefined; step += 1)
    found = await read.get(kept, { id: found.mergedInto });
  return found;
}

/** As `survivorOf`; refuses with 404 when there is none. */
export async function needSurvivor<R extends Merged>(read: Read, kept: Kept<R>, id: string): Promise<R> {
  const found = await survivorOf(read, kept, id);
  if (!found) throw refuse('not_found', { what: kept.name, id });
  return found;
}

/** As `survivorOf`, by the id alone; an id of nobody stays as it is. */
export const survivorId = async (read: Read, id: string): Promise<string> =>
  (await survivorOf<Merged>(read, id.startsWith('person_') ? people : clients, id))?.id ?? id;

/** The transaction fails if the record is merged into another meanwhile: what is tied to it would stay behind. */
export const notMerged = (kept: Kept<unknown>, id: string): Check => ({
  key: kept.key({ id }),
  ConditionExpression: 'attribute_not_exists(mergedInto)',
});

/** @throws 409 wrong_state for a record that is part of another now */
export function mustBeWhole(what: string, { mergedInto }: { mergedInto?: string | undefined }): void {
  if (mergedInto !== undefined) throw refuse('wrong_state', { what, state: 'merged', why: `it is ${mergedInto} now` });
}
