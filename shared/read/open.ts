import { createReadStream, createWriteStream, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { openFile, putFile } from '#shared/aws/files.ts';
import { log } from '#shared/log.ts';
import { tableName } from '#shared/table/client.ts';
import { instantOf, systemNow } from '#shared/time.ts';
import { refuse } from '#shared/errors.ts';
import { Copy } from './copy.ts';
import { follow, reaches } from './follow.ts';
import type { ReadTable } from './read-table.ts';

let opened: Promise<Copy> | undefined;

/** Where the snapshot lies that this release can begin with. Two releases side by side have one each; so has a restored table. */
const snapshotKey = (fingerprint: string): string => `copy/${tableName()}-${fingerprint}.sqlite`;

/** A file of our own that is gone with the process, however that ends: it is unlinked as soon as it is open. */
async function withFile<T>(use: (file: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'read-copy-'));
  try {
    return await use(join(folder, 'copy.sqlite'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const empty = (tables: readonly ReadTable[]): Promise<Copy> => withFile(async (file) => new Copy(file, tables));

/** This instance's copy: the newest snapshot, or an empty one. */
async function open(tables: readonly ReadTable[]): Promise<Copy> {
  const made = await empty(tables);
  try {
    const snapshot = await openFile(snapshotKey(made.fingerprint));
    if (!snapshot) return made;
    return await withFile(async (file) => {
      await pipeline(snapshot.stream, createWriteStream(file));
      const copy = new Copy(file, tables);
      made.close();
      return copy;
    });
  } catch (error) {
    log().error('the snapshot of the read copy cannot be used', { error: error as Error });
    return made;
  }
}

async function own(tables: readonly ReadTable[]): Promise<Copy> {
  try {
    return await (opened ??= open(tables));
  } catch (error) {
    opened = undefined;
    throw error;
  }
}

/** As of when a copy answers; `behind`: what the caller has just written is not in it yet. */
export type Current = { copy: Copy; asOf: string; behind: boolean };
type Wanted = {
  /** Epoch ms. */
  deadline: number;
  /** An event the answer should know of. */
  after?: string | undefined;
};
/** Somebody who has just written waits this long for what he wrote. */
const OWN_WRITES_MS = 2000;

/** The copy of this instance, brought to where the feed is. @throws 503 while so much is new that it takes another request */
export async function currentCopy(tables: readonly ReadTable[], { deadline, after }: Wanted): Promise<Current> {
  const copy = await own(tables);
  const patience = Math.min(deadline, systemNow() + OWN_WRITES_MS);
  const there = after === undefined || (await reaches(after, () => systemNow() < patience));
  const asOf = instantOf(systemNow());
  const { whole, left, rewound } = await follow({ copy, hasTime: () => systemNow() < deadline });
  if (rewound) {
    copy.close();
    opened = Promise.resolve(await empty(tables));
    return currentCopy(tables, { deadline, after });
  }
  if (!whole) throw refuse('copy_behind', { left });
  return { copy, asOf, behind: !there };
}

type Keeping = {
  /** Epoch ms. */
  deadline: number;
  /** The type of event that tells of an erasure: no word of what was erased is kept. */
  erased: string;
};

/** Keeps the copy as it is now, for instances to come; nothing when the last one is as good. Answers its size in bytes. */
export async function writeSnapshot(
  tables: readonly ReadTable[],
  { deadline, erased }: Keeping,
): Promise<{ bytes: number }> {
  const copy = await own(tables);
  await follow({ copy, hasTime: () => systemNow() < deadline });
  const places = JSON.stringify([...copy.places()].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  const last = copy.one("SELECT value FROM about WHERE name = 'snapshot'")?.['value'];
  if (last === places) return { bytes: 0 };
  copy.forgetErased(erased);
  copy.run("INSERT OR REPLACE INTO about VALUES ('snapshot', ?)", places);
  return withFile(async (file) => {
    copy.run('VACUUM INTO ?', file);
    const { size } = statSync(file);
    await putFile(snapshotKey(copy.fingerprint), { stream: createReadStream(file), size }, 'application/vnd.sqlite3');
    return { bytes: size };
  });
}
