import { buffer } from 'node:stream/consumers';
import { fromBufferPromise, openPromise, type Entry, type ZipFile } from 'yauzl';
import { refuse, type Refusal } from '#shared/errors.ts';

/** What an archive may hold and unpack to. */
export type Limits = { entries: number; bytes: number; ratio: number };
/** Below this nothing is a bomb, however well it packs. */
const SMALL = 1_000_000;

const unreadable = (why: string): Refusal => refuse('file_unreadable', { why });
const saying = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/**
 * An archive (in memory, or at a path) and its entries, looked at before anything is unpacked: not too many, none twice, none in another folder, none
 * that unpacks to more than the limits. What an entry says of its size holds: more than that ends its stream with an error.
 * @throws 422 file_unreadable
 */
export async function openArchive(
  file: Buffer | string,
  limits: Limits,
): Promise<{ archive: ZipFile; entries: Map<string, Entry> }> {
  try {
    const options = { lazyEntries: true, strictFileNames: true, autoClose: false } as const;
    const archive = await (typeof file === 'string' ? openPromise(file, options) : fromBufferPromise(file, options));
    if (archive.entryCount > limits.entries)
      throw unreadable(`It holds ${archive.entryCount} files; at most ${limits.entries}.`);
    const entries = new Map<string, Entry>();
    let bytes = 0;
    for await (const entry of archive.eachEntry()) {
      bytes += entry.uncompressedSize;
      checkEntry(entry, limits, entries);
      if (bytes > limits.bytes) throw unreadable(`It unpacks to more than ${limits.bytes} bytes.`);
      entries.set(entry.fileName, entry);
    }
    return { archive, entries };
  } catch (error) {
    throw error instanceof Error && error.name === 'Refusal' ? error : unreadable(saying(error));
  }
}

function checkEntry(entry: Entry, { ratio }: Limits, known: ReadonlyMap<string, Entry>): void {
  const { fileName, uncompressedSize, compressedSize } = entry;
  if (known.has(fileName)) throw unreadable(`It holds ${fileName} twice.`);
  if (entry.isEncrypted()) throw unreadable('It is locked with a password.');
  if (uncompressedSize > SMALL && uncompressedSize / Math.max(1, compressedSize) > ratio)
    throw unreadable(`${fileName} unpacks to more than ${ratio} times its size.`);
}

/** One entry in memory. @throws 422 file_unreadable when it is damaged or longer than it says */
export async function entryBytes(archive: ZipFile, entry: Entry): Promise<Buffer> {
  try {
    return await buffer(await archive.openReadStreamPromise(entry));
  } catch (error) {
    throw unreadable(`${entry.fileName}: ${saying(error)}`);
  }
}
