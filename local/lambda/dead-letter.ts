import { randomUUID } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';

/** What no retry could deliver, kept until somebody looks. `destination` is where the record of it was sent, if anywhere. */
export type DeadLetter = {
  id: string;
  at: number;
  service: 'lambda' | 'streams' | 'events' | 'scheduler';
  from: string;
  target: string;
  error: string;
  payload: unknown;
  destination?: string | undefined;
};
export type DeadLetters = {
  add(letter: Omit<DeadLetter, 'id'>): void;
  /** Newest first. */
  list(): DeadLetter[];
};

/** The one table of dead letters; every service that is given the same database shares it. */
export function openDeadLetters(db: DatabaseSync): DeadLetters {
  db.exec('create table if not exists dead_letter(id text primary key, at real not null, doc text not null)');
  const insert = db.prepare('insert into dead_letter(id, at, doc) values (?, ?, ?)');
  const select = db.prepare('select doc from dead_letter order by at desc, rowid desc limit 1000');
  return {
    add(letter) {
      const id = randomUUID();
      insert.run(id, letter.at, JSON.stringify({ id, ...letter }));
    },
    list: () => select.all().map((row) => JSON.parse(String(row['doc'])) as DeadLetter),
  };
}
