import * as z from 'zod';
import { gzipSync } from 'node:zlib';
import { putFile } from '#shared/aws/files.ts';
import type { Doing, JobKind } from '#shared/jobs.ts';
import { scanAll } from '#shared/table/scan.ts';
import { systemNow } from '#shared/time.ts';
import { behind } from './acting.ts';
import { isArchived } from './archive-kind.ts';
import { packed, partKey } from './archive-pack.ts';
import { ARCHIVE } from './job-name.ts';

/** How far the reading has come: the next part, and after which key; no key once all is read. */
const Cursor = z.object({ part: z.int(), from: z.record(z.string(), z.unknown()).optional() });
/** Characters of one part. */
const PART = 60_000_000;

/**
 * Everything out: reads the whole table part by part, then makes one archive of it. What changes meanwhile may be in it as it
 * was or as it became: an archive made while nobody works is exact.
 */
export const archiveJob: JobKind = {
  ...ARCHIVE,
  async chunk(doing) {
    await behind(doing);
    const { part, from } = doing.cursor === undefined ? { part: 0, from: {} } : Cursor.parse(JSON.parse(doing.cursor));
    if (from !== undefined) return readPart(doing, part, Object.keys(from).length === 0 ? undefined : from);
    const { key, manifest } = await packed(doing.jobId, part, doing.now);
    const { hash, counts } = manifest;
    return { done: 0, faults: [], output: { result: key, hash, counts } };
  },
};

async function readPart({ jobId, until }: Doing, part: number, from: Record<string, unknown> | undefined) {
  const lines: string[] = [];
  let size = 0;
  let next = from;
  let done = 0;
  do {
    const page = await scanAll(next);
    for (const item of page.items) {
      if (!isArchived(item['type']) && item['type'] !== 'event' && item['type'] !== 'marker') continue;
      const line = JSON.stringify(item);
      lines.push(line);
      size += line.length;
      done += 1;
    }
    next = page.next;
  } while (next !== undefined && size < PART && systemNow() < until);
  await putFile(partKey(jobId, part), gzipSync(lines.join('\n')), 'application/gzip');
  return { done, faults: [], cursor: JSON.stringify({ part: part + 1, from: next }) };
}
