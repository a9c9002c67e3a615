import type * as z from 'zod';
import type { EntityName } from '#shared/table/keys.ts';

/** An entity as the read copy needs it: its schema, and how an item is found and read. */
type Part = {
  name: EntityName;
  schema: z.ZodObject;
  key(fields: never): { pk: string; sk: string };
  decode(item: Record<string, unknown>): unknown;
};

/**
 * One list of the read copy: `GET /api/lists/{name}`. Its fields are those of the entity's schema (and of the machine's
 * part beside it, where the first has no field of that name), with their types and marks: money, dates, guarded, personal.
 */
export type ReadTable = {
  /** Plural, as in the API. */
  name: string;
  /** The record itself, and the machine's part with the same id if there is one. */
  parts: readonly [Part, ...Part[]];
  /** The right to read such records; its reach (own, team, all) is applied inside every query. */
  rights: string;
  /** Fields found by a part of their text; the first is the title of the record in search results. */
  search: readonly string[];
  /** Fields with an index of their own: a page sorted by one costs the same however many records there are. */
  sorts: readonly string[];
  /** The fields of the key, from the id under which events name the record; `{ id }` unless said. */
  keyOf?: (recordId: string) => Record<string, string>;
  /** The list of the record that a link goes with: its id begins with that one's (`{clientId}/…`), and so does its reach. */
  of?: ReadTable;
};

export const readTable = (table: ReadTable): ReadTable => table;
