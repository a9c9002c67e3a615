import { createReadStream, createWriteStream, statSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { gunzipSync } from 'node:zlib';
import { ZipFile } from 'yazl';
import { getFile, listFiles, openFile, putFile } from '#shared/aws/files.ts';
import { refuse } from '#shared/errors.ts';
import type { EntityName } from '#shared/table/keys.ts';
import { archivedKinds, fileOf } from './archive-kind.ts';
import { FORMAT, hashOfFiles, running, type Manifest } from './archive-manifest.ts';
import { ArchiveSort } from './archive-sort.ts';

/** Where the parts of a table lie that a job has read so far. */
export const partKey = (jobId: string, part: number): string =>
  `results/${jobId}/parts/${String(part).padStart(5, '0')}.gz`;

/** Makes one archive of what was read of a table and of all kept files. Answers its key and what it says of itself. */
export async function packed(jobId: string, parts: number, now: string): Promise<{ key: string; manifest: Manifest }> {
  const sort = new ArchiveSort();
  try {
    for (let part = 0; part < parts; part += 1) {
      const bytes = await getFile(partKey(jobId, part));
      if (!bytes) throw refuse('not_found', { what: 'part', id: String(part) });
      for (const line of gunzipSync(bytes).toString('utf8').split('\n'))
        if (line !== '') sort.add(JSON.parse(line) as never);
    }
    const file = join(sort.folder, 'archive.zip');
    const manifest = await written(sort, file, now);
    const key = `results/${jobId}/archive.zip`;
    await putFile(key, { stream: createReadStream(file), size: statSync(file).size }, 'application/zip');
    return { key, manifest };
  } finally {
    sort.close();
  }
}

type Out = { zip: ZipFile; manifest: Manifest };

async function written(sort: ArchiveSort, file: string, now: string): Promise<Manifest> {
  const zip = new ZipFile();
  const ended = pipeline(zip.outputStream, createWriteStream(file));
  const manifest: Manifest = { format: FORMAT, madeAt: now, counts: {}, files: {}, hash: '' };
  const out: Out = { zip, manifest };
  try {
    for (const kind of archivedKinds) await addLines(out, kind, sort.lines(kind));
    await addLines(out, 'event', sort.events());
    for await (const { key } of listFiles('kept/')) await addKept(out, key);
    manifest.hash = hashOfFiles(manifest.files);
    zip.addBuffer(Buffer.from(JSON.stringify(manifest, undefined, 2)), 'manifest.json');
    zip.end();
    await ended;
    return manifest;
  } catch (error) {
    zip.outputStream.emit('error', error);
    await ended.catch(() => undefined);
    throw error;
  }
}

/** A file of lines; how many there are is told as well. */
async function addLines(out: Out, kind: EntityName, lines: Iterable<string>): Promise<void> {
  let count = 0;
  const pieces = function* () {
    for (const line of lines) {
      count += 1;
      yield `${line}\n`;
    }
  };
  await addPieces(out, fileOf(kind), pieces());
  out.manifest.counts[kind] = count;
}

async function addKept(out: Out, key: string): Promise<void> {
  const found = await openFile(key);
  if (found) await addPieces(out, `files/${key}`, found.stream, found.type);
}

/** Waits until it is written: another would be read into memory beside it. */
async function addPieces(
  { zip, manifest }: Out,
  name: string,
  pieces: Iterable<string> | AsyncIterable<Buffer>,
  type?: string,
): Promise<void> {
  const hash = running();
  const hashed = async function* () {
    for await (const piece of pieces) {
      hash.add(piece);
      yield piece;
    }
  };
  const stream = Readable.from(hashed(), { objectMode: false });
  const ended = new Promise((resolve, reject) => stream.once('end', resolve).once('error', reject));
  zip.addReadStream(stream, name);
  await ended;
  manifest.files[name] = { sha256: hash.hex(), ...(type !== undefined && { type }) };
}
