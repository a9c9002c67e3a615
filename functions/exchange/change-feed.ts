import * as z from 'zod';
import { recordRights } from '#functions/auth/record-right.ts';
import { reachOf } from '#functions/auth/rights.ts';
import { Event, type RecordRef } from '#shared/events.ts';
import type { User } from '#shared/user.ts';

/** An event as other systems are told of it. */
export const ChangeItem = Event.pick({
  id: true,
  type: true,
  at: true,
  record: true,
  touched: true,
  storyId: true,
  by: true,
  data: true,
  changes: true,
  cause: true,
  quiet: true,
  requestId: true,
});

const listOf = (what: string) =>
  z
    .string()
    .max(2000)
    .regex(/^[\w.*-]+(,[\w.*-]+)*$/, { error: `${what}, separated by commas` })
    .optional();

export const ChangesQuery = z.object({
  after: z
    .string()
    .max(2000)
    .optional()
    .meta({ description: 'The cursor of the answer before; `now` begins at the end; without it, at the beginning' }),
  limit: z
    .string()
    .regex(/^([1-9]\d?|100)$/, { error: 'a whole number from 1 to 100' })
    .optional(),
  types: listOf('types of events such as deal.won,lead.*'),
  records: listOf('kinds of records such as deal,lead, or ids'),
});
export type ChangesQuery = z.output<typeof ChangesQuery>;

/** Whether a type is one of those wanted: by name, all of a noun (`deal.*`), or all. */
export const isWanted = (type: string, wanted: readonly string[]): boolean =>
  wanted.some((one) => one === '*' || one === type || (one.endsWith('.*') && type.startsWith(one.slice(0, -1))));

/** Who sees only some records of a kind is told of none here: an event does not say whose its record is. */
const readsAll = (user: User, kind: string): boolean => reachOf(user, recordRights[kind] ?? 'nobody') === 'all';

/** What of the feed a caller asks for and may see. */
export function wantedBy(user: User, { types, records }: ChangesQuery): (event: Event) => boolean {
  const [typed, named] = [types?.split(','), records?.split(',')];
  const isNamed = ({ entity, id }: RecordRef): boolean => named?.some((one) => one === entity || one === id) ?? true;
  return ({ type, record, touched }) =>
    (!typed || isWanted(type, typed)) &&
    readsAll(user, record.entity) &&
    [record, ...touched.filter(({ entity }) => readsAll(user, entity))].some(isNamed);
}

/** The event without records beside it that the caller may not see. */
export const shownTo = (user: User, event: Event): z.output<typeof ChangeItem> => ({
  ...event,
  touched: event.touched.filter(({ entity }) => readsAll(user, entity)),
});
