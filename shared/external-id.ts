import { createHash } from 'node:crypto';
import * as z from 'zod';
import { eventType, type NewEvent } from '#shared/events.ts';
import { clean } from '#shared/text.ts';
import { entity } from '#shared/table/entity.ts';
import { get, listWhole, type Read } from '#shared/table/read.ts';
import type { Write } from '#shared/table/write.ts';

/** The name of another system, as its integration calls it: `1c`, `warehouse`. */
export const System = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,40}$/, { error: 'lower-case Latin letters, digits and hyphens, at most 41' });
/** What the other system calls the record. Compared letter by letter; no slash, which would end the part of an address. */
export const ExternalValue = z
  .string()
  .overwrite((text) => clean(text).trim())
  .regex(/^[^/\s](?:[^/\n]{0,198}[^/\s])?$/, { error: '1 to 200 characters without a slash' });

/** What another system calls a record of ours. One that was released stays, without a record, and may be given again. */
export const ExternalId = z.object({
  /** Events name it by this number: what a foreign system calls things may be anything, an address too. */
  id: z.string(),
  system: z.string(),
  value: z.string(),
  version: z.int(),
  recordId: z.string().optional(),
  changedAt: z.string(),
});
export type ExternalId = z.output<typeof ExternalId>;

const idOf = ({ system, value }: Pick<ExternalId, 'system' | 'value'>): string =>
  `external-id_${createHash('sha256').update(`${system}#${value}`).digest('hex').slice(0, 32)}`;

export const externalIds = entity('externalId', ExternalId, { part: 'R' });

const ExternalIdAssigned = eventType('external-id.assigned', { system: z.string(), recordId: z.string() });
const ExternalIdReleased = eventType('external-id.released', { system: z.string(), recordId: z.string() });

type Told = { write: Write; events: NewEvent[] };

/** Makes a name stand for a record, whatever it stood for before: the caller has looked whether it may. */
export function assigned(
  before: ExternalId | undefined,
  { system, value, recordId, now }: { system: string; value: string; recordId: string; now: string },
): Told {
  const write = before
    ? externalIds.save(before, { recordId, changedAt: now })
    : externalIds.create({ id: idOf({ system, value }), system, value, version: 1, recordId, changedAt: now });
  return { write, events: [ExternalIdAssigned.of(write, { system, recordId })] };
}

/** Frees a name: it stands for nothing until it is given again. */
export function released(before: ExternalId, now: string): Told {
  const write = externalIds.save(before, { recordId: undefined, changedAt: now });
  return { write, events: [ExternalIdReleased.of(write, { system: before.system, recordId: before.recordId ?? '' })] };
}

/** The record that another system calls so, for imports and exchanges. */
export const recordOf = async (system: string, value: string, read: Pick<Read, 'get'> = { get }) =>
  (await read.get(externalIds, { system, value }))?.recordId;

/**
 * What other systems call a record, all of them: a merge gives each to the record that stays (`assigned`). From an index: what
 * a decision rests on is read again by key.
 */
export async function externalIdsOf(recordId: string): Promise<ExternalId[]> {
  const all: ExternalId[] = [];
  let cursor: string | undefined;
  do {
    const page = await listWhole(externalIds, 'gsi2', { recordId }, { limit: 100, cursor });
    all.push(...page.items.filter((one) => one.recordId === recordId));
    cursor = page.cursor;
  } while (cursor !== undefined);
  return all;
}
