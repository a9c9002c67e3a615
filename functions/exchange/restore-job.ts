import * as z from 'zod';
import { putFile } from '#shared/aws/files.ts';
import { refuse } from '#shared/errors.ts';
import { asEvent, events } from '#shared/events.ts';
import { append } from '#shared/feed/append.ts';
import type { Chunk, Doing, JobKind } from '#shared/jobs.ts';
import { primaryKey, type EntityName } from '#shared/table/keys.ts';
import { getItem } from '#shared/table/read.ts';
import { scanAll } from '#shared/table/scan.ts';
import { transact } from '#shared/table/transact.ts';
import { putItem, removeItem } from '#shared/table/write.ts';
import { systemNow } from '#shared/time.ts';
import { archivedKinds, fileOf, isArchived, itemOf } from './archive-kind.ts';
import { linesOf, openUploaded, verify, type OpenArchive } from './archive-read.ts';
import { RESTORE } from './job-name.ts';

/** Which of the files is next, and how many of its lines are in. */
const Key = z.object({ pk: z.string(), sk: z.string() });
/** `own`: by what the admin of the empty installation signs in. */
const Cursor = z.object({ file: z.int(), line: z.int(), own: z.array(Key) });
/** Lines of one transaction: events come with a place in the feed each. */
const BATCH = 40;
const Input = z.object({ file: z.string(), admin: z.object({ id: z.string(), email: z.string() }) });
type Input = z.output<typeof Input>;

const ORDER: readonly EntityName[] = [...archivedKinds, 'event'];

/** Brings an archive into an empty installation: every item as it was, every event in its order, every kept file. */
export const restoreJob: JobKind = {
  ...RESTORE,
  async chunk(doing) {
    const input = Input.parse(doing.input);
    const opened = await openUploaded(input.file);
    const total = Object.values(opened.manifest.counts).reduce((all, count) => all + count, 0);
    if (doing.cursor === undefined) {
      await verify(opened);
      const own = await mustBeEmpty(input);
      await mustKnow(opened, input);
      return { done: 0, faults: [], total, cursor: JSON.stringify({ file: 0, line: 0, own }) };
    }
    const { file, line, own } = Cursor.parse(JSON.parse(doing.cursor));
    const kind = ORDER[file];
    if (kind === undefined) return ended(opened, { ...input, own }, total);
    const done = await restored(doing, opened, kind, line);
    const whole = line + done >= (opened.manifest.counts[kind] ?? 0);
    const next = whole ? { file: file + 1, line: 0, own } : { file, line: line + done, own };
    return { done, faults: [], total, cursor: JSON.stringify(next) };
  },
};

const notEmpty = (why: string) => refuse('wrong_state', { what: 'The installation', state: 'in use', why });

/** An empty installation has the admin who signed in, and nothing else that an archive would hold. */
async function mustBeEmpty({ admin }: Input): Promise<z.output<typeof Key>[]> {
  const own: z.output<typeof Key>[] = [];
  let from: Record<string, unknown> | undefined;
  do {
    const page = await scanAll(from);
    const strange = page.items.find(
      (item) => isArchived(item['type']) && item['id'] !== admin.id && item['owner'] !== admin.id,
    );
    if (strange) throw notEmpty(`it has a ${String(strange['type'])}; an archive is read into an empty one`);
    own.push(...page.items.flatMap((item) => (item['owner'] === admin.id ? [Key.parse(item)] : [])));
    from = page.next;
  } while (from !== undefined);
  return own;
}

/** Whoever brings an archive in is gone with the empty installation: he must be one of those who come. */
async function mustKnow(opened: OpenArchive, { admin }: Input): Promise<void> {
  for await (const line of linesOf(opened, fileOf('user')))
    if ((JSON.parse(line) as { email?: string }).email === admin.email) return;
  throw refuse('not_found', { what: 'user in the archive', id: admin.email });
}

/** So many lines of one kind as there is time for. Each put may be repeated: it puts the same. */
async function restored(doing: Doing, opened: OpenArchive, kind: EntityName, from: number): Promise<number> {
  let done = 0;
  let batch: string[] = [];
  const flush = async (): Promise<void> => {
    if (batch.length === 0) return;
    await putAll(kind, batch, doing);
    done += batch.length;
    batch = [];
  };
  for await (const line of linesOf(opened, fileOf(kind), from)) {
    batch.push(line);
    if (batch.length < BATCH) continue;
    await flush();
    if (systemNow() >= doing.until) return done;
  }
  await flush();
  return done;
}

async function putAll(kind: EntityName, lines: readonly string[], { now, until }: Doing): Promise<void> {
  const items = lines.map((line) => itemOf(kind, line));
  const result = await transact(items.map((Item) => putItem({ Item })));
  if (result !== 'done') throw new Error(`Items of the kind ${kind} are written by somebody else.`);
  if (kind === 'event')
    await append(
      items.map((item) => asEvent(events.decode(item))),
      now,
      until,
    );
}

/** Kept files come last; then the admin of the empty installation goes, and signs in as the one he is in the archive. */
async function ended(
  opened: OpenArchive,
  { admin, own }: Input & Pick<z.output<typeof Cursor>, 'own'>,
  total: number,
): Promise<Chunk> {
  for (const [name, { type = 'application/octet-stream' }] of Object.entries(opened.manifest.files)) {
    const entry = name.startsWith('files/') ? opened.entries.get(name) : undefined;
    if (!entry) continue;
    const stream = await opened.archive.openReadStreamPromise(entry);
    await putFile(name.slice('files/'.length), { stream, size: entry.uncompressedSize }, type);
  }
  for (const key of own) if ((await getItem(key))?.['owner'] === admin.id) await transact([removeItem({ key })]);
  await transact([removeItem({ key: primaryKey('user', { id: admin.id }) })]);
  return { done: 0, faults: [], total, output: { hash: opened.manifest.hash, counts: opened.manifest.counts } };
}
