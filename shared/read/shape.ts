import { hashOf } from '#shared/json.ts';
import { cellsOf, columnsOf, type Column } from './column.ts';
import type { ReadTable } from './read-table.ts';

/** A read table with its columns, and the SQL that makes its tables: narrow cells to search in, whole records beside them, texts. */
export type Shape = ReadTable & {
  columns: ReadonlyMap<string, Column>;
  ddl: readonly string[];
  /** Of the list that its records go with. */
  whole: Shape | undefined;
};

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** Changed whenever the SQL of the copy changes in a way that the columns do not tell. */
const FORMAT = 3;

export function shapeOf(read: ReadTable): Shape {
  const found = read.parts.flatMap(({ schema }) => columnsOf(schema));
  const columns = new Map([...found].reverse().map((column) => [column.field, column]));
  const sorts = ['madeAt', ...read.sorts];
  const unknown = [...read.sorts, ...read.search].find((field) => !columns.has(field));
  if (unknown !== undefined) throw new TypeError(`The list ${read.name} names ${unknown}, which no part of it has.`);
  const cells = [...columns.values()].flatMap(cellsOf).map((cell) => quoted(cell));
  const { name } = read;
  return {
    ...read,
    columns,
    whole: read.of && shapeOf(read.of),
    ddl: [
      `CREATE TABLE ${quoted(name)}(rid INTEGER PRIMARY KEY, rowId TEXT NOT NULL UNIQUE, madeAt TEXT NOT NULL, custom TEXT, ${cells.join(', ')})`,
      `CREATE TABLE ${quoted(`${name}:item`)}(rid INTEGER PRIMARY KEY, item TEXT NOT NULL)`,
      // Two indexes of the same texts: three letters and more, and the beginnings of words shorter than that.
      `CREATE VIRTUAL TABLE ${quoted(`${name}:parts`)} USING fts5(text, content='', contentless_delete=1, tokenize='trigram')`,
      `CREATE VIRTUAL TABLE ${quoted(`${name}:words`)} USING fts5(text, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 0', prefix='1 2')`,
      ...[...new Set(sorts)].map(
        (field) => `CREATE INDEX ${quoted(`${name}/${field}`)} ON ${quoted(name)}(${quoted(field)}, rowId)`,
      ),
      ...(columns.has('ownerId') ? [`CREATE INDEX ${quoted(`${name}/owner`)} ON ${quoted(name)}("ownerId")`] : []),
    ],
  };
}

/** What the copy knows besides records: what happened, and how far it has read. */
export const LOG_DDL = [
  'CREATE TABLE happened(seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, at TEXT NOT NULL, type TEXT NOT NULL, entity TEXT NOT NULL, record TEXT NOT NULL, byKind TEXT NOT NULL, byId TEXT NOT NULL, data TEXT, changes TEXT)',
  'CREATE INDEX "happened/at" ON happened(at)',
  'CREATE INDEX "happened/by" ON happened(byId, at)',
  'CREATE INDEX "happened/type" ON happened(type, at)',
  'CREATE INDEX "happened/record" ON happened(record, seq)',
  'CREATE TABLE lane(lane TEXT PRIMARY KEY, seq INTEGER NOT NULL)',
  'CREATE TABLE currency(name TEXT NOT NULL, currency TEXT NOT NULL, PRIMARY KEY(name, currency)) WITHOUT ROWID',
  'CREATE TABLE about(name TEXT PRIMARY KEY, value TEXT NOT NULL)',
];

/** Two copies with the same fingerprint have the same tables: a snapshot of another one is of no use. */
export const fingerprintOf = (shapes: readonly Shape[]): string =>
  hashOf([FORMAT, LOG_DDL, shapes.map(({ ddl, search, parts }) => [ddl, search, parts.map(({ name }) => name)])]);
