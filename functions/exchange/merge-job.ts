import * as z from 'zod';
import { commit, type Command, type Decision } from '#shared/command.ts';
import { isRefusal } from '#shared/errors.ts';
import type { Doing, JobKind } from '#shared/jobs.ts';
import { getMany, list, listAll, need, type Read } from '#shared/table/read.ts';
import { systemNow } from '#shared/time.ts';
import { children, childrenOf } from './merge-child.ts';
import type { Child } from './merge-kind.ts';
import { MergeDone, mergeRows, merges, MergeUndone, type Merge, type MergeRow } from './merge.ts';

/** Things done in one chunk at most, and at the same time. */
const PAGE = 50;
const ABREAST = 8;
/** Indexes are a moment late: all is looked through once more after nothing was left. */
const QUIET_ROUNDS = 2;

type Thing = { child: Child; id: string; from: string };

/**
 * What still belongs to the first of the records that went into another and has anything left: up to a page of it. One after
 * the other, so that an undo finds each thing as the next left it.
 */
async function left(merge: Merge): Promise<Thing[]> {
  for (const from of merge.otherIds) {
    const found: Thing[] = [];
    for (const child of childrenOf(merge.of)) {
      const ids = await child.list(from);
      const rows = await getMany(
        mergeRows,
        ids.map((recordId) => ({ mergeId: merge.id, from, recordId })),
      );
      const stuck = new Set(rows.filter(({ why }) => why !== undefined).map(({ recordId }) => recordId));
      found.push(...ids.filter((id) => !stuck.has(id)).map((id) => ({ child, id, from })));
      if (found.length >= PAGE) break;
    }
    if (found.length > 0) return found.slice(0, PAGE);
  }
  return [];
}

/** One thing goes to the survivor, once: its own state says whether it did. What was done lies beside it. */
const step = (merge: Merge, { child, id, from }: Thing, now: string): Command =>
  commit(async (read) => {
    const moving = await child.move(read, id, { from, to: merge.survivorId, now });
    if (!moving) return undefined;
    const row: MergeRow = { mergeId: merge.id, recordId: id, kind: child.kind, from, before: moving.before };
    return { ...moving.decision, writes: [...(moving.decision.writes ?? []), mergeRows.put(row)] };
  });

type Faults = { id: string; why: string }[];

async function abreast<T>(doing: Doing, all: readonly T[], act: (one: T) => Promise<void>): Promise<number> {
  const queue = [...all];
  let begun = 0;
  const work = async (): Promise<void> => {
    for (let one = queue.shift(); one !== undefined; one = queue.shift()) {
      if (systemNow() > doing.until) return;
      begun += 1;
      await act(one);
    }
  };
  await Promise.all(Array.from({ length: ABREAST }, work));
  return begun;
}

/** Moves what belongs to the records that went into another, until nothing is left. */
export const mergeJob: JobKind = {
  kind: 'merge',
  async chunk(doing) {
    const merge = await need(merges, { id: String(doing.input['mergeId']) });
    if (merge.state !== 'moving') return { done: 0, faults: [] };
    const things = await left(merge);
    const faults: Faults = [];
    const begun = await abreast(doing, things, async (thing) => {
      try {
        await doing.perform(step(merge, thing, doing.now));
      } catch (error) {
        if (!isRefusal(error)) throw error;
        faults.push({ id: thing.id, why: error.message });
        const row = { mergeId: merge.id, recordId: thing.id, kind: thing.child.kind, from: thing.from };
        await doing.perform(commit(async () => ({ writes: [mergeRows.put({ ...row, why: error.message })] })));
      }
    });
    const quiet = things.length === 0 ? Number(doing.cursor ?? 0) + 1 : 0;
    const counts = { done: begun - faults.length, faults };
    if (quiet < QUIET_ROUNDS) return { ...counts, cursor: String(quiet) };
    await doing.perform(ended(merge));
    return counts;
  },
};

const ended = ({ id }: Merge): Command =>
  commit(async (read): Promise<Decision | undefined> => {
    const merge = await read.need(merges, { id });
    if (merge.state !== 'moving') return undefined;
    const write = merges.save(merge, { state: 'done' });
    const { survivorId, otherIds } = merge;
    return { writes: [write], events: [MergeDone.of(write, { survivorId, otherIds })] };
  });

/** One thing goes back to where it came from, or its row says why it stays. */
const stepBack = (merge: Merge, before: MergeRow, now: string): Command =>
  commit(async (read) => {
    const row = await read.need(mergeRows, { mergeId: merge.id, from: before.from, recordId: before.recordId });
    if (row.back !== undefined || row.why !== undefined) return undefined;
    const back = await wayBack(read, merge, row, now);
    if ('why' in back) return { writes: [mergeRows.put({ ...row, back: 'kept', why: back.why })] };
    return { ...back, writes: [...(back.writes ?? []), mergeRows.put({ ...row, back: 'done' })] };
  });

async function wayBack(read: Read, { survivorId }: Merge, row: MergeRow, now: string) {
  const child = children.find(({ kind }) => kind === row.kind);
  if (!child) return { why: `nobody knows how a ${row.kind} comes back` };
  try {
    return await child.back(read, row, { survivorId, now });
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return { why: error.message };
  }
}

/** Where an undo is: in the rows of which of the others, the last first, and how far in them. */
const Place = z.tuple([z.int(), z.string().nullable()]);

/** Brings back what a merge moved, as far as nobody gave it to another since. */
export const mergeUndoJob: JobKind = {
  kind: 'merge-undo',
  async chunk(doing) {
    const merge = await need(merges, { id: String(doing.input['mergeId']) });
    if (merge.state !== 'undoing') return { done: 0, faults: [] };
    const [at, cursor] = Place.parse(JSON.parse(doing.cursor ?? `[${merge.otherIds.length - 1},null]`));
    const fields = { mergeId: merge.id, from: merge.otherIds[at] ?? '' };
    const page = await list(mergeRows, 'item', fields, {
      limit: PAGE,
      consistent: true,
      ...(cursor !== null && { cursor }),
    });
    await abreast({ ...doing, until: Number.POSITIVE_INFINITY }, page.items, async (row) => {
      await doing.perform(stepBack(merge, row, doing.now));
    });
    const counts = { done: page.items.length, faults: [] };
    if (page.cursor !== undefined) return { ...counts, cursor: JSON.stringify([at, page.cursor]) };
    if (at > 0) return { ...counts, cursor: JSON.stringify([at - 1, null]) };
    await doing.perform(undone(merge, doing.now));
    return counts;
  },
};

/** The merge tells what it could not bring back. */
const MAX_KEPT = 50;
const undone = ({ id }: Merge, now: string): Command =>
  commit(async (read): Promise<Decision | undefined> => {
    const merge = await read.need(merges, { id });
    if (merge.state !== 'undoing') return undefined;
    const all = await Promise.all(merge.otherIds.map((from) => listAll(mergeRows, { mergeId: id, from })));
    const rows = all
      .flat()
      .filter(({ back }) => back === 'kept')
      .map(({ recordId, why = '' }) => ({ recordId, why }));
    const kept = [...merge.kept, ...rows];
    const write = merges.save(merge, { state: 'undone', undoneAt: now, kept: kept.slice(0, MAX_KEPT) });
    return {
      writes: [write],
      events: [MergeUndone.of(write, { survivorId: merge.survivorId, kept: kept.length })],
    };
  });
