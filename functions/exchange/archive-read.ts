import { createHash } from 'node:crypto';
import { createWriteStream, existsSync, renameSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Entry, ZipFile } from 'yauzl';
import { openFile } from '#shared/aws/files.ts';
import { refuse } from '#shared/errors.ts';
import { hashOfFiles, Manifest, running } from './archive-manifest.ts';
import { entryBytes, openArchive } from './zip-guard.ts';

/** An archive of ours is large, but no bomb: lines of JSON pack to a tenth. */
const LIMITS = { entries: 100_000, bytes: 20_000_000_000, ratio: 1000 };

export type OpenArchive = { archive: ZipFile; entries: ReadonlyMap<string, Entry>; manifest: Manifest };

const unreadable = (why: string) => refuse('file_unreadable', { why });

/** An uploaded archive, fetched once for all chunks that one instance does. @throws 422 when it is none of ours */
export async function openUploaded(key: string): Promise<OpenArchive> {
  const path = join(tmpdir(), `${createHash('sha256').update(key).digest('hex').slice(0, 32)}.zip`);
  if (!existsSync(path)) {
    const found = await openFile(key);
    if (!found) throw refuse('not_found', { what: 'file', id: key });
    await pipeline(found.stream, createWriteStream(`${path}.part`));
    renameSync(`${path}.part`, path);
  }
  const { archive, entries } = await openArchive(path, LIMITS);
  const said = entries.get('manifest.json');
  const manifest = Manifest.safeParse(said && JSON.parse((await entryBytes(archive, said)).toString('utf8')));
  if (!manifest.success) throw unreadable('It is no archive of this system, or of a newer one.');
  return { archive, entries, manifest: manifest.data };
}

/** Every file of an archive must be the one its manifest speaks of. @throws 422 naming the first that is not */
export async function verify({ archive, entries, manifest }: OpenArchive): Promise<void> {
  if (hashOfFiles(manifest.files) !== manifest.hash) throw unreadable('The manifest was changed.');
  const strange = [...entries.keys()].find((name) => name !== 'manifest.json' && !Object.hasOwn(manifest.files, name));
  if (strange !== undefined) throw unreadable(`The manifest does not know ${strange}.`);
  for (const [name, { sha256 }] of Object.entries(manifest.files)) {
    const entry = entries.get(name);
    if (!entry) throw unreadable(`${name} is missing.`);
    const hash = running();
    for await (const piece of await archive.openReadStreamPromise(entry)) hash.add(piece as Buffer);
    if (hash.hex() !== sha256) throw unreadable(`${name} was changed or is damaged.`);
  }
}

/** The lines of one file, from a place in it. */
export async function* linesOf({ archive, entries }: OpenArchive, name: string, from = 0): AsyncGenerator<string> {
  const entry = entries.get(name);
  if (!entry) return;
  let [rest, place] = ['', 0];
  const decoder = new TextDecoder();
  for await (const piece of await archive.openReadStreamPromise(entry)) {
    // Lines end in \n alone: other line breaks are inside texts.
    const whole = (rest + decoder.decode(piece as Buffer, { stream: true })).split('\n');
    rest = whole.pop() ?? '';
    for (const line of whole) {
      place += 1;
      if (place > from) yield line;
    }
  }
}
