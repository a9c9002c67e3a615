import { identities } from '#functions/auth/store.ts';
import { reaches } from '#functions/auth/rights.ts';
import { taxIdKey, type Client } from '#functions/clients/client.ts';
import { combinedClients, combinedPeople, type Choice, type Combined } from '#functions/clients/merge.ts';
import type { Person } from '#functions/clients/person.ts';
import { clients, people } from '#functions/clients/store.ts';
import { mustBeWhole } from '#functions/clients/survivor.ts';
import type { Decide } from '#shared/command.ts';
import { refuse } from '#shared/errors.ts';
import { startJob } from '#shared/jobs.ts';
import { joinStories } from '#shared/story.ts';
import type { Read } from '#shared/table/read.ts';
import { distinct, type Write } from '#shared/table/write.ts';
import type { User } from '#shared/user.ts';
import { MergeStarted, merges, RecordEvents, type Merge, type MergeKind } from './merge.ts';

/** The two kinds of records that may turn out to be one. */
type Whole = Person | Client;
export type Asked = { survivor: string; others: readonly string[]; choose?: Choice | undefined };
type Records = { kind: MergeKind; survivor: Whole; others: Whole[] };

/** One transaction holds so many addresses besides the records. */
const MAX_IDENTITIES = 75;

const kindOf = (id: string): MergeKind => (id.startsWith('person_') ? 'person' : 'client');
export const storeOf = (kind: MergeKind) => (kind === 'person' ? people : clients) as typeof people;

/** The records to be made one, each of which may be: whole, of one kind, in nobody's hands at this moment. */
export async function recordsFor(read: Read, { survivor, others }: Asked, user: User): Promise<Records> {
  const ids = [survivor, ...others];
  const kind = kindOf(survivor);
  const fault = (pointer: string, detail: string) =>
    refuse('invalid', {}, [{ pointer, code: 'invalid_value', detail }]);
  if (new Set(ids).size < ids.length) throw fault('/body/others', 'A record is named twice.');
  if (ids.some((id) => kindOf(id) !== kind))
    throw fault('/body/others', 'People are one with people, clients with clients.');
  const records: Whole[] = [];
  for (const id of ids) {
    const record = await read.need(storeOf(kind), { id });
    if (!reaches(user, 'client.change', record)) throw refuse('not_found', { what: kind, id });
    mustBeWhole(id, record);
    if ('erasureId' in record && record.erasureId !== undefined)
      throw refuse('wrong_state', { what: id, state: 'erased', why: 'nothing is left of it' });
    const last = record.mergeId === undefined ? undefined : await read.get(merges, { id: record.mergeId });
    if (last && (last.state === 'moving' || last.state === 'undoing'))
      throw refuse('wrong_state', { what: id, state: 'being merged', why: `wait until ${last.id} is done` });
    records.push(record);
  }
  const [first, ...rest] = records;
  return { kind, survivor: first as Whole, others: rest };
}

export const combinedOf = ({ kind, survivor, others }: Records, choose: Choice): Combined<Whole> =>
  kind === 'person'
    ? combinedPeople([survivor, ...others] as Person[], choose)
    : combinedClients([survivor, ...others] as Client[], choose);

/** The addresses and numbers a record is found by. */
function keysOf(record: Whole): { kind: string; value: string }[] {
  if ('emails' in record)
    return [
      ...record.emails.map((value) => ({ kind: 'email', value })),
      ...record.phones.map((value) => ({ kind: 'phone', value })),
    ];
  const numbers = [...(record.taxId === undefined ? [] : [record.taxId]), ...(record.otherTaxIds ?? [])];
  return numbers.map((number) => ({ kind: 'taxId', value: taxIdKey(number) }));
}

/** What led to the others leads to the survivor. */
async function repointed(read: Read, { survivor, others }: Records, now: string) {
  const keys = others.flatMap(keysOf);
  const ids = new Set(others.map(({ id }) => id));
  const found = (await read.getMany(identities, keys)).filter(({ owner }) => ids.has(owner));
  if (found.length > MAX_IDENTITIES)
    throw refuse('wrong_state', {
      what: 'What is to be made one',
      state: `${found.length} addresses`,
      why: `at most ${MAX_IDENTITIES} can move at once: take some off first`,
    });
  return {
    moved: found.map(({ kind, value, owner }) => ({ kind, value, from: owner })),
    writes: found.map(({ kind, value, owner }) => owned({ kind, value }, owner, survivor.id, now)),
  };
}

/** Gives a claim from one record to another, if it is that one's still. */
export const owned = (key: { kind: string; value: string }, from: string, to: string, at: string): Write =>
  identities.put(
    { ...key, owner: to, at },
    {
      ConditionExpression: '#owner = :owner',
      ExpressionAttributeNames: { '#owner': 'owner' },
      ExpressionAttributeValues: { ':owner': from },
    },
  );

type Given = { user: User; now: string; mergeId: string; jobId: string };

/** Makes records one: the survivor has what was decided, the others name it, and a job moves what belongs to them. */
export const merging =
  (asked: Asked, { user, now, mergeId, jobId }: Given): Decide =>
  async (read) => {
    const records = await recordsFor(read, asked, user);
    const { kind, survivor, others } = records;
    const { change } = combinedOf(records, asked.choose ?? {});
    const store = storeOf(kind);
    const identity = await repointed(read, records, now);
    const grown = store.save(survivor as Person, { ...(change as Partial<Person>), mergeId });
    const gone = others.map((other) =>
      store.save(other as Person, { mergedInto: survivor.id, mergeId, archivedAt: other.archivedAt ?? now }),
    );
    const fields = Object.keys(change);
    const pick = (wire: Record<string, unknown>) =>
      Object.fromEntries(fields.filter((field) => wire[field] !== undefined).map((field) => [field, wire[field]]));
    const filled = (field: 'archivedAt' | 'mergeId', all: readonly Whole[]) =>
      Object.fromEntries(all.flatMap((one) => (one[field] === undefined ? [] : [[one.id, one[field]]])));
    const otherIds = others.map(({ id }) => id);
    const merge: Merge = {
      id: mergeId,
      version: 1,
      of: kind,
      survivorId: survivor.id,
      otherIds,
      state: 'moving',
      before: pick(grown.before ?? {}),
      after: { ...Object.fromEntries(fields.map((field) => [field, null])), ...pick(grown.after) },
      identities: identity.moved,
      archived: filled('archivedAt', others),
      mergeIds: filled('mergeId', [survivor, ...others]),
      jobId,
      kept: [],
      userId: user.id,
      at: now,
    };
    const write = merges.create(merge);
    const job = startJob('merge', { mergeId }, { id: jobId, userId: user.id, now });
    const types = RecordEvents[kind];
    return {
      writes: distinct([
        write,
        grown,
        ...gone,
        job.write,
        ...identity.writes,
        ...others.flatMap((other) => joinStories(survivor.storyId, other.storyId)),
      ]),
      events: [
        MergeStarted.of(write, { survivorId: survivor.id, otherIds }),
        types.grew.of(grown, { mergeId, otherIds }),
        ...gone.map((one) => types.went.of(one, { mergeId, survivorId: survivor.id })),
        job.event,
      ],
      answer: write,
      status: 201,
    };
  };
