import type { DatabaseSync } from 'node:sqlite';

/** How far a mapping has come in each shard; a closed shard is read to its end. */
export type Positions = {
  /** The last sequence number that was delivered (or given up), if any. */
  get(mapping: string, shard: string): string | undefined;
  save(mapping: string, shard: string, sequence: string): void;
  close(mapping: string, shard: string): void;
  isClosed(mapping: string, shard: string): boolean;
};

export function openPositions(db: DatabaseSync): Positions {
  db.exec(`create table if not exists stream_position(
    mapping text, shard text, sequence text, closed integer not null default 0, primary key(mapping, shard))`);
  const select = db.prepare('select sequence, closed from stream_position where mapping = ? and shard = ?');
  const save = db.prepare(`insert into stream_position(mapping, shard, sequence) values (?, ?, ?)
    on conflict do update set sequence = excluded.sequence`);
  const close = db.prepare(`insert into stream_position(mapping, shard, closed) values (?, ?, 1)
    on conflict do update set closed = 1`);
  return {
    get(mapping, shard) {
      const sequence = select.get(mapping, shard)?.['sequence'];
      return typeof sequence === 'string' ? sequence : undefined;
    },
    save: (mapping, shard, sequence) => void save.run(mapping, shard, sequence),
    close: (mapping, shard) => void close.run(mapping, shard),
    isClosed: (mapping, shard) => select.get(mapping, shard)?.['closed'] === 1,
  };
}
