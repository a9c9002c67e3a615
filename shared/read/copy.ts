import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import type { Event } from '#shared/events.ts';
import { fold } from '#shared/text.ts';
import { cellsOf, cellValues, valueAt, type Cell } from './column.ts';
import { customCells, customText } from './custom-cell.ts';
import type { ReadTable } from './read-table.ts';
import { fingerprintOf, LOG_DDL, quoted, shapeOf, type Shape } from './shape.ts';

export type Row = Record<string, Cell>;
type RecordNow = Readonly<Record<string, unknown>>;

/**
 * A disposable copy of the records for everything that searches, filters, sorts and adds up. It decides nothing.
 * Written by `follow` alone, from the feed; thrown away and made anew whenever its tables would be others.
 */
export class Copy {
  readonly db: DatabaseSync;
  readonly shapes: ReadonlyMap<string, Shape>;
  readonly fingerprint: string;
  readonly #prepared = new Map<string, StatementSync>();

  /** `file` is a path or `:memory:`. @throws Error when the file is a copy with other tables, or none at all */
  constructor(file: string, tables: readonly ReadTable[]) {
    this.shapes = new Map(tables.map((table) => [table.name, shapeOf(table)]));
    this.fingerprint = fingerprintOf([...this.shapes.values()]);
    this.db = new DatabaseSync(file);
    // Thrown away with the instance: nothing of it has to survive a loss of power. What is erased is written over.
    this.db.exec(
      'PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA secure_delete = ON; PRAGMA cache_size = -131072; PRAGMA mmap_size = 1073741824',
    );
    const made = this.one("SELECT 1 FROM sqlite_master WHERE name = 'about'") !== undefined;
    if (!made) this.#make();
    const found = this.one("SELECT value FROM about WHERE name = 'fingerprint'")?.['value'];
    if (found !== this.fingerprint) {
      this.db.close();
      throw new Error('The copy has other tables than this release.');
    }
  }

  #make(): void {
    for (const sql of [...LOG_DDL, ...[...this.shapes.values()].flatMap(({ ddl }) => ddl)]) this.db.exec(sql);
    this.run("INSERT INTO about VALUES ('fingerprint', ?)", this.fingerprint);
  }

  #statement(sql: string): StatementSync {
    const known = this.#prepared.get(sql);
    if (known) return known;
    if (this.#prepared.size > 500) this.#prepared.clear();
    const prepared = this.db.prepare(sql);
    this.#prepared.set(sql, prepared);
    return prepared;
  }

  all = (sql: string, ...values: SQLInputValue[]): Row[] => this.#statement(sql).all(...values) as Row[];
  one = (sql: string, ...values: SQLInputValue[]): Row | undefined =>
    this.#statement(sql).get(...values) as Row | undefined;
  run = (sql: string, ...values: SQLInputValue[]): void => void this.#statement(sql).run(...values);
  /** Row after row, for lists too long to hold. */
  each = (sql: string, ...values: SQLInputValue[]): IterableIterator<Row> =>
    this.db.prepare(sql).iterate(...values) as IterableIterator<Row>;

  /** All or nothing. */
  together<T>(work: () => T): T {
    this.db.exec('BEGIN');
    try {
      const done = work();
      this.db.exec('COMMIT');
      return done;
    } catch (error) {
      this.db.exec('ROLLBACK');
      this.#currencies.clear();
      throw error;
    }
  }

  shape(name: string): Shape {
    const found = this.shapes.get(name);
    if (!found) throw new TypeError(`The read copy has no list ${name}.`);
    return found;
  }

  /** Puts a record in wire form as it is now; `at` is when something was told of it. */
  put(name: string, id: string, record: RecordNow, at: string): void {
    const shape = this.shape(name);
    const known = this.one(`SELECT rid FROM ${quoted(name)} WHERE rowId = ?`, id)?.['rid'];
    const columns = [...shape.columns.values()];
    const values = columns.flatMap(({ field, kind }) => cellValues(kind, valueAt(record, field)));
    const custom = customCells(record['custom']);
    const { rid } = this.one(this.#putSql(shape), id, at, custom && JSON.stringify(custom), ...values) as {
      rid: number;
    };
    this.run(`INSERT OR REPLACE INTO ${quoted(`${name}:item`)} VALUES (?, ?)`, rid, JSON.stringify(record));
    for (const { field, kind } of columns)
      if (kind === 'money') this.#knowCurrency(name, field, valueAt(record, field));
    for (const [field, value] of Object.entries(custom ?? {}))
      if (field.endsWith('!currency')) this.#knowCurrency(name, `custom.${field.slice(0, -9)}`, { currency: value });
    if (known !== undefined) this.#forgetText(name, rid);
    const text = textOf(shape, record);
    if (text === '') return;
    for (const index of textIndexes(name)) this.run(`INSERT INTO ${index}(rowid, text) VALUES (?, ?)`, rid, text);
  }

  readonly #puts = new Map<string, string>();
  #putSql({ name, columns }: Shape): string {
    const known = this.#puts.get(name);
    if (known !== undefined) return known;
    const cells = [...columns.values()].flatMap(cellsOf).map(quoted);
    const sets = ['custom', ...cells].map((cell) => `${cell} = excluded.${cell}`);
    const sql =
      `INSERT INTO ${quoted(name)}(rowId, madeAt, custom${cells.map((cell) => `, ${cell}`).join('')}) ` +
      `VALUES (?, ?, jsonb(?)${', ?'.repeat(cells.length)}) ` +
      `ON CONFLICT(rowId) DO UPDATE SET ${sets.join(', ')}, madeAt = min(madeAt, excluded.madeAt) RETURNING rid`;
    this.#puts.set(name, sql);
    return sql;
  }

  readonly #currencies = new Map<string, Set<string>>();
  /** Every currency a field of money ever had here: adding up looks for these instead of sorting all rows by currency. */
  currenciesOf(list: string, field: string): ReadonlySet<string> {
    const name = `${list}/${field}`;
    const known =
      this.#currencies.get(name) ??
      new Set(this.all('SELECT currency FROM currency WHERE name = ?', name).map(({ currency }) => String(currency)));
    this.#currencies.set(name, known);
    return known;
  }
  #knowCurrency(list: string, field: string, value: unknown): void {
    const currency = (value as { currency?: unknown } | undefined | null)?.currency;
    if (typeof currency !== 'string' || !/^[A-Z]{3}$/.test(currency) || this.currenciesOf(list, field).has(currency))
      return;
    this.run('INSERT OR IGNORE INTO currency VALUES (?, ?)', `${list}/${field}`, currency);
    this.#currencies.delete(`${list}/${field}`);
  }

  #forgetText(name: string, rid: number): void {
    for (const index of textIndexes(name)) this.run(`DELETE FROM ${index} WHERE rowid = ?`, rid);
  }

  /** A record that is no more. */
  remove(name: string, id: string): void {
    const table = quoted(name);
    const found = this.one(`SELECT rid FROM ${table} WHERE rowId = ?`, id);
    if (!found) return;
    this.#forgetText(name, Number(found['rid']));
    this.run(`DELETE FROM ${quoted(`${name}:item`)} WHERE rid = ?`, Number(found['rid']));
    this.run(`DELETE FROM ${table} WHERE rid = ?`, Number(found['rid']));
  }

  /**
   * Writes the indexes of texts anew when something was erased since the last time: they only strike out what is gone, and its
   * words would stay. `erased`: the type of event that tells of an erasure.
   */
  forgetErased(erased: string): void {
    const last = this.one('SELECT max(seq) AS seq FROM happened WHERE type = ?', erased)?.['seq'] ?? 0;
    const done = this.one("SELECT value FROM about WHERE name = 'forgotten'")?.['value'] ?? '0';
    if (String(last) === done) return;
    for (const index of [...this.shapes.keys()].flatMap(textIndexes))
      this.run(`INSERT INTO ${index}(${index}) VALUES ('optimize')`);
    this.run("INSERT OR REPLACE INTO about VALUES ('forgotten', ?)", String(last));
  }

  note({ id, at, type, record, recordId, by, data, changes }: Event): void {
    this.run(
      'INSERT OR IGNORE INTO happened(id, at, type, entity, record, byKind, byId, data, changes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
      id,
      at,
      type,
      record.entity,
      recordId,
      by.kind,
      by.id,
      JSON.stringify(data),
      changes.length > 0 ? JSON.stringify(changes) : null,
    );
  }

  /** The last place of each lane that is in the copy. */
  places(): ReadonlyMap<string, number> {
    return new Map(this.all('SELECT lane, seq FROM lane').map(({ lane, seq }) => [String(lane), Number(seq)]));
  }
  reached = (lane: string, seq: number): void => this.run('INSERT OR REPLACE INTO lane VALUES (?, ?)', lane, seq);

  close = (): void => this.db.close();
}

const textIndexes = (name: string): string[] => [quoted(`${name}:parts`), quoted(`${name}:words`)];

/** What a record is found by: the texts of its search fields and of the firm's own fields, folded. Numbers also without signs. */
function textOf({ search }: Shape, record: RecordNow): string {
  const texts = search.flatMap((field) => [valueAt(record, field)].flat()).filter((one) => typeof one === 'string');
  const folded = [...texts.map(fold), ...customText(record['custom'])];
  return [...folded, ...folded.flatMap(plainNumber)].join('\n');
}

/** `7707 083-893` and `DE 123 456 789` are looked for as one word too. */
function plainNumber(text: string): string[] {
  const plain = text.replaceAll(/[\s()./-]/g, '');
  return plain !== text && /^\+?\p{L}{0,3}\d{5,30}$/u.test(plain) ? [plain] : [];
}
