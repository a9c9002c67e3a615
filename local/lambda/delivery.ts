import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import type { Delivery } from '../contract.ts';

type NewDelivery = { id: string; target: string; payload: string; from: string; due: number };
export type Deliveries = {
  add(delivery: NewDelivery): void;
  /** Oldest due first. */
  due(target: string, now: number, limit: number): Delivery[];
  retry(id: string, attempts: number, due: number): void;
  remove(id: string): void;
  /** How many are due until `until`. */
  count(until: number): number;
  /** The earliest due instant after `now`. */
  nextDue(now: number): number | undefined;
  all(): Delivery[];
};

const TABLE = `
  create table if not exists delivery(
    id text primary key, target text not null, payload text not null, source text not null,
    attempts integer not null default 0, due real not null);
  create index if not exists delivery_due on delivery(target, due);`;

/** Events accepted for a function and not delivered yet; a row is there until the function has taken it. */
export function openDeliveries(db: DatabaseSync): Deliveries {
  db.exec(TABLE);
  const insert = db.prepare('insert or ignore into delivery(id, target, payload, source, due) values (?, ?, ?, ?, ?)');
  const due = db.prepare('select * from delivery where target = ? and due <= ? order by due, rowid limit ?');
  const retry = db.prepare('update delivery set attempts = ?, due = ? where id = ?');
  const remove = db.prepare('delete from delivery where id = ?');
  const count = db.prepare('select count(*) as n from delivery where due <= ?');
  const next = db.prepare('select min(due) as due from delivery where due > ?');
  const all = db.prepare('select * from delivery order by due, rowid');
  return {
    add: ({ id, target, payload, from, due: at }) => void insert.run(id, target, payload, from, at),
    due: (target, now, limit) => due.all(target, now, limit).map(asDelivery),
    retry: (id, attempts, at) => void retry.run(attempts, at, id),
    remove: (id) => void remove.run(id),
    count: (until) => Number(count.get(until)?.['n']),
    nextDue(now) {
      const at = next.get(now)?.['due'];
      return typeof at === 'number' ? at : undefined;
    },
    all: () => all.all().map(asDelivery),
  };
}

function asDelivery(row: Record<string, SQLOutputValue>): Delivery {
  return {
    id: String(row['id']),
    target: String(row['target']),
    payload: JSON.parse(String(row['payload'])),
    attempts: Number(row['attempts']),
    due: Number(row['due']),
    from: String(row['source']),
  };
}
