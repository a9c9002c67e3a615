import { identities } from '#functions/auth/store.ts';
import { takenBack } from '#functions/clients/merge.ts';
import type { Person } from '#functions/clients/person.ts';
import type { Decide } from '#shared/command.ts';
import { refuse } from '#shared/errors.ts';
import { startJob } from '#shared/jobs.ts';
import type { Read } from '#shared/table/read.ts';
import type { Write } from '#shared/table/write.ts';
import { merges, MergeUndoing, RecordEvents, type Merge } from './merge.ts';
import { owned, storeOf } from './merging.ts';

type Given = { userId: string; now: string; jobId: string };

/** @throws 409 for a merge that cannot be undone now, with the reason */
async function undoable(read: Read, merge: Merge) {
  if (merge.state !== 'done') {
    const why = merge.state === 'undone' ? 'it was undone already' : 'wait until its job is done';
    throw refuse('wrong_state', { what: 'The merge', state: merge.state, why });
  }
  const store = storeOf(merge.of);
  const survivor = await read.need(store, { id: merge.survivorId });
  const others = await read.getMany(
    store,
    merge.otherIds.map((id) => ({ id })),
  );
  const later = [survivor, ...others].find(({ mergeId }) => mergeId !== merge.id);
  if (later)
    throw refuse('wrong_state', {
      what: 'The merge',
      state: merge.state,
      why: `${later.id} was merged again: undo ${later.mergeId ?? ''} first`,
    });
  const erased = [survivor, ...others].find(({ erasureId }) => erasureId !== undefined);
  if (erased)
    throw refuse('wrong_state', { what: 'The merge', state: merge.state, why: `the data of ${erased.id} was erased` });
  return { store, survivor, others };
}

/** Addresses go back to whom they came from; those that somebody else has by now stay with him. */
async function returned(read: Read, { identities: moved, survivorId }: Merge, now: string) {
  const found = await read.getMany(identities, moved);
  const writes: Write[] = [];
  const lost: Merge['identities'] = [];
  for (const one of moved) {
    const { from, ...key } = one;
    const owner = found.find(({ kind, value }) => kind === one.kind && value === one.value)?.owner;
    if (owner === undefined) writes.push(identities.create({ ...key, owner: from, at: now }));
    else if (owner === survivorId) writes.push(owned(key, survivorId, from, now));
    else lost.push(one);
  }
  return { writes, lost };
}

const LISTS = { email: 'emails', phone: 'phones' } as const;

/** What a record that becomes itself again loses: addresses that belong to others by now. */
function without(record: Person, lost: Merge['identities']): Partial<Person> {
  const change: Partial<Person> = {};
  for (const { kind, value, from } of lost) {
    if (from !== record.id || (kind !== 'email' && kind !== 'phone')) continue;
    const field = LISTS[kind];
    change[field] = (change[field] ?? record[field]).filter((one) => one !== value);
  }
  return change;
}

/** Makes records of a merge themselves again; a job brings back what belonged to them. What cannot come back is listed. */
export const unmerging =
  (id: string, { userId, now, jobId }: Given): Decide =>
  async (read) => {
    const merge = await read.need(merges, { id });
    const { store, survivor, others } = await undoable(read, merge);
    const identity = await returned(read, merge, now);
    const { change, kept } = takenBack(survivor, merge.before, merge.after);
    const grown = store.save(survivor, { ...(change as Partial<Person>), mergeId: merge.mergeIds[survivor.id] });
    const parted = others.map((other) =>
      store.save(other, {
        ...without(other, identity.lost),
        mergedInto: undefined,
        mergeId: merge.mergeIds[other.id],
        archivedAt: merge.archived[other.id],
      }),
    );
    const write = merges.save(merge, {
      state: 'undoing',
      undoJobId: jobId,
      kept: [
        ...kept.map((field) => ({ recordId: survivor.id, why: `its ${field} was changed since and stays` })),
        ...identity.lost.map(({ kind, from }) => ({
          recordId: from,
          why: `its ${kind} belongs to another record by now`,
        })),
      ],
    });
    const job = startJob('merge-undo', { mergeId: id }, { id: jobId, userId, now });
    const { parted: type } = RecordEvents[merge.of];
    return {
      writes: [write, grown, ...parted, job.write, ...identity.writes],
      events: [
        MergeUndoing.of(write, { survivorId: survivor.id }),
        ...[grown, ...parted].map((one) => type.of(one, { mergeId: id })),
        job.event,
      ],
      answer: write,
      status: 202,
    };
  };
