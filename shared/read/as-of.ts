import type { Change } from '#shared/events.ts';
import type { Reach } from '#shared/user.ts';
import { cellsOf, cellValues, valueAt } from './column.ts';
import type { Copy } from './copy.ts';
import { today, type Source } from './list.ts';
import { reachSql } from './select.ts';
import { quoted } from './shape.ts';

/** The old value of each field a record had at a moment and has no more; undefined where nobody knows it. */
type Before = Map<string, { known: boolean; value: unknown }>;

/**
 * A list as it was at a moment: today's records, with every change since told back from history. Personal fields that were
 * changed since are empty: history holds no personal values. What the machine keeps beside a record is as it is today.
 * Only records that are within reach today: who once reached one, or when nobody owned it yet, opens nothing now.
 */
export function asOf(copy: Copy, name: string, at: string, reach: Reach): Source {
  const shape = copy.shape(name);
  const table = 'temp."as of"';
  const before = changesSince(copy, shape.parts[0].name, at);
  copy.db.exec(`DROP TABLE IF EXISTS ${table}`);
  const mine = reachSql(shape, reach);
  copy.run(
    `CREATE TEMP TABLE "as of" AS SELECT * FROM ${quoted(name)} WHERE madeAt <= ? AND (${mine.sql || '1'})`,
    at,
    ...mine.values,
  );
  copy.db.exec('CREATE UNIQUE INDEX temp."as of/row" ON "as of"(rowId)');
  const columns = [...shape.columns.values()];
  for (const [record, fields] of before) {
    for (const [field, { known, value }] of fields) {
      const own = columns.filter((column) => column.field === field || column.field.startsWith(`${field}.`));
      for (const column of own) {
        const old = known ? valueAt({ [field]: value }, column.field) : undefined;
        const cells = cellValues(column.kind, old);
        const sets = cellsOf(column).map((cell) => `${quoted(cell)} = ?`);
        copy.run(`UPDATE ${table} SET ${sets.join(', ')} WHERE rowId = ?`, ...cells, record);
      }
      if (field === 'custom') copy.run(`UPDATE ${table} SET custom = NULL WHERE rowId = ?`, record);
    }
  }
  const { itemOf } = today(copy, name);
  return {
    shape,
    table,
    at,
    itemOf: (row) => {
      const changed = [...(before.get(String(row['rowId'])) ?? [])];
      return Object.assign(itemOf(row), Object.fromEntries(changed.map(([field, { value }]) => [field, value])));
    },
  };
}

function changesSince(copy: Copy, entity: string, at: string): Map<string, Before> {
  const found = new Map<string, Before>();
  const rows = copy.each(
    'SELECT record, changes FROM happened WHERE at > ? AND entity = ? AND changes IS NOT NULL ORDER BY at DESC, seq DESC',
    at,
    entity,
  );
  for (const { record, changes } of rows) {
    const fields: Before = found.get(String(record)) ?? new Map();
    // From the latest back to the first after the moment: that one's old value is what stood there then.
    for (const change of JSON.parse(String(changes)) as Change[]) {
      const [field = ''] = change.field.split('.');
      const known = change.personal !== true && ('from' in change || 'to' in change);
      fields.set(field, { known, value: known ? change.from : undefined });
    }
    found.set(String(record), fields);
  }
  return found;
}
