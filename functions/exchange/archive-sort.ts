import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { EntityName } from '#shared/table/keys.ts';
import { isArchived, isTold, lineOf } from './archive-kind.ts';

type Item = Readonly<Record<string, unknown>>;

/** Puts the items of a table in the order of an archive, on disk: a table is larger than memory, and is read in no order. */
export class ArchiveSort {
  readonly folder = mkdtempSync(join(tmpdir(), 'archive-'));
  readonly #db = new DatabaseSync(join(this.folder, 'sort.sqlite'));

  constructor() {
    this.#db.exec(`PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
      CREATE TABLE item(kind TEXT, pk TEXT, sk TEXT, line TEXT, PRIMARY KEY(kind, pk, sk)) WITHOUT ROWID;
      CREATE TABLE told(id TEXT PRIMARY KEY, record TEXT, entity TEXT, line TEXT) WITHOUT ROWID;
      CREATE TABLE place(id TEXT PRIMARY KEY, lane TEXT, seq TEXT) WITHOUT ROWID;
      BEGIN`);
  }

  add(item: Item): void {
    const { type: kind } = item;
    const text = (field: string): string => String(item[field]);
    if (kind === 'event') {
      const { id, entity } = item['record'] as { id: string; entity: string };
      this.#db.prepare('INSERT OR REPLACE INTO told VALUES (?, ?, ?, ?)').run(text('id'), id, entity, lineOf(item));
    } else if (kind === 'marker') {
      this.#db.prepare('INSERT OR REPLACE INTO place VALUES (?, ?, ?)').run(text('eventId'), text('lane'), text('seq'));
    } else if (isArchived(kind)) {
      this.#db
        .prepare('INSERT OR REPLACE INTO item VALUES (?, ?, ?, ?)')
        .run(kind, text('pk'), text('sk'), lineOf(item));
    }
  }

  /** The lines of a kind in the order of their keys. */
  *lines(kind: EntityName): Generator<string> {
    for (const { line } of this.#db.prepare('SELECT line FROM item WHERE kind = ? ORDER BY pk, sk').iterate(kind))
      yield String(line);
  }

  /**
   * The lines of events, lane by lane in the order of the feed; those of kinds that an archive leaves out are left out, and of
   * a user who is not here: the admin who signed in before an archive was read in.
   */
  *events(): Generator<string> {
    const all = this.#db.prepare(
      "SELECT told.entity, told.line FROM told LEFT JOIN place USING (id) WHERE told.entity <> 'user' OR EXISTS (SELECT 1 FROM item WHERE kind = 'user' AND pk = 'USER#' || told.record) ORDER BY coalesce(lane, '~'), seq, id",
    );
    for (const { entity, line } of all.iterate()) if (isTold(String(entity))) yield String(line);
  }

  close(): void {
    this.#db.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
