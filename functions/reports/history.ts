import { recordRights } from '#functions/auth/record-right.ts';
import { reachOf, within } from '#functions/auth/rights.ts';
import { ownersOf } from '#shared/owner.ts';
import type { Copy } from '#shared/read/copy.ts';
import type { Sql } from '#shared/read/filter.ts';
import { conditionOf } from '#shared/read/select.ts';
import { quoted } from '#shared/read/shape.ts';
import type { User } from '#shared/user.ts';
import { viewerOf } from './list.ts';

/** What is asked of history: by whom, of which type or record, from a moment on and before another. */
export type Wanted = {
  by?: string | undefined;
  type?: string | undefined;
  record?: string | undefined;
  from: string;
  to: string;
};
/** An event as the copy keeps it: `changes` and `data` are JSON. */
export type Happened = Record<
  'id' | 'at' | 'type' | 'entity' | 'record' | 'byKind' | 'byId' | 'data' | 'changes',
  string | null
>;

/**
 * The history of everything, as far as somebody's rights reach: events of kinds he may read, of records within his reach.
 * Records that have a list are chosen by the query; whose the others are (a letter goes with its deal) is asked of the table.
 */
export class History {
  readonly #copy: Copy;
  readonly #user: User;
  readonly #where: Sql;
  readonly #asked: ReadonlySet<string>;

  constructor(copy: Copy, user: User, now: string, wanted: Wanted) {
    this.#copy = copy;
    this.#user = user;
    const may = Object.entries(recordRights).filter(([, right]) => reachOf(user, right) !== undefined);
    const all = may.filter(([, right]) => reachOf(user, right) === 'all').map(([kind]) => kind);
    const some = may.filter(([, right]) => reachOf(user, right) !== 'all').map(([kind]) => kind);
    const parts = some.map((kind) => ({ kind, sql: listSql(copy, kind, user, now) }));
    this.#asked = new Set(parts.filter(({ sql }) => sql === undefined).map(({ kind }) => kind));
    const open = [...all, ...this.#asked];
    const kinds = [
      { sql: `entity IN (${open.map(() => '?').join(', ')})`, values: open },
      ...parts.flatMap(({ sql }) => sql ?? []),
    ];
    const own = wantedSql(wanted);
    this.#where = {
      sql: `${own.sql} AND (${kinds.map(({ sql }) => sql).join(' OR ')})`,
      values: [...own.values, ...kinds.flatMap(({ values }) => values)],
    };
  }

  /** The newest first, those before a place. */
  async page(limit: number, before: { at: string; id: string } | undefined): Promise<Happened[]> {
    const found: Happened[] = [];
    let place = before;
    for (;;) {
      const after = place === undefined ? '' : ' AND (at, id) < (?, ?)';
      const rows = this.#copy.all(
        `SELECT * FROM happened WHERE ${this.#where.sql}${after} ORDER BY at DESC, id DESC LIMIT ?`,
        ...this.#where.values,
        ...(place === undefined ? [] : [place.at, place.id]),
        limit,
      ) as unknown as Happened[];
      const reached = await this.#reached(rows);
      found.push(...rows.filter(reached));
      const last = rows.at(-1);
      if (rows.length < limit || found.length >= limit || !last) return found.slice(0, limit);
      place = { at: String(last.at), id: String(last.id) };
    }
  }

  /** Every event of people, in no order, with as little of it as is needed for counting. */
  async *counted(): AsyncGenerator<Happened> {
    const asked = [...this.#asked];
    const records = this.#copy.all(
      `SELECT DISTINCT entity, record FROM happened WHERE ${this.#where.sql} AND byKind = 'user' AND entity IN (${asked.map(() => '?').join(', ')})`,
      ...this.#where.values,
      ...asked,
    ) as unknown as Happened[];
    const reached = await this.#reached(records);
    const sql = `SELECT at, type, entity, record, byId FROM happened WHERE ${this.#where.sql} AND byKind = 'user'`;
    for (const row of this.#copy.each(sql, ...this.#where.values) as unknown as Iterable<Happened>)
      if (reached(row)) yield row;
  }

  /** Whether events may be told, of the records that were asked for. */
  async #reached(rows: readonly Happened[]): Promise<(row: Happened) => boolean> {
    const asked = rows.filter(({ entity }) => this.#asked.has(String(entity))).map(({ record }) => String(record));
    const owners = asked.length === 0 ? new Map() : await ownersOf(asked);
    return ({ entity, record }) => {
      if (!this.#asked.has(String(entity))) return true;
      const owned = owners.get(String(record));
      return owned !== undefined && within(reachOf(this.#user, recordRights[String(entity)] ?? 'nobody'), owned);
    };
  }
}

function wantedSql({ by, type, record, from, to }: Wanted): Sql {
  const parts: [string, string | undefined][] = [
    ['at >= ?', from],
    ['at < ?', to],
    ['byId = ?', by],
    ['type = ?', type],
    ['record = ?', record],
  ];
  const given = parts.filter((part): part is [string, string] => part[1] !== undefined);
  return { sql: given.map(([sql]) => sql).join(' AND '), values: given.map(([, value]) => value) };
}

/** Events of a kind whose records lie in a list, of those within reach there; undefined where there is no such list. */
function listSql(copy: Copy, kind: string, user: User, now: string): Sql | undefined {
  const shape = [...copy.shapes.values()].find(({ parts }) => parts.some(({ name }) => name === kind));
  const viewer = shape && viewerOf(user, shape.name, now);
  if (!shape || !viewer) return undefined;
  const { sql, values } = conditionOf(shape, { archived: true }, viewer, new Map());
  return {
    sql: `(entity = ? AND record IN (SELECT rowId FROM ${quoted(shape.name)} WHERE ${sql}))`,
    values: [kind, ...values],
  };
}
