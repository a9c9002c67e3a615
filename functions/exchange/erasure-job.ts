import * as z from 'zod';
import { commit, type Command, type Decision } from '#shared/command.ts';
import type { Doing, JobKind } from '#shared/jobs.ts';
import { need } from '#shared/table/read.ts';
import { systemNow } from '#shared/time.ts';
import { ErasureAdvanced, ErasureDone, erasures, type Erasure } from './erasure.ts';
import { sources } from './person-data.ts';
import type { Held } from './person-held.ts';
import { subjectOf } from './person-subject.ts';

const ABREAST = 8;
/** Who does it leaves no trace of what it was, and sets nothing in motion. */
const FORGETTING = { forget: true, quiet: true } as const;
/** Which kind of things comes next. */
const Place = z.coerce.number().int().default(0);

/** Empties things as far as the time goes; whether all were. */
async function emptiedAll(doing: Doing, erasure: Erasure, things: readonly Held[]): Promise<boolean> {
  const queue = [...things];
  const work = async (): Promise<void> => {
    for (let one = queue.shift(); one; one = queue.shift()) {
      if (systemNow() > doing.until) {
        queue.unshift(one);
        return;
      }
      if (one.empty) await doing.perform(commit(one.empty({ erasureId: erasure.id, now: doing.now })), FORGETTING);
    }
  };
  await Promise.all(Array.from({ length: ABREAST }, work));
  return queue.length === 0;
}

/** How many of which kind there were, and what stays. A kind that is looked at twice counts once. */
const counted = ({ id }: Erasure, found: readonly Held[]): Command =>
  commit(async (read): Promise<Decision | undefined> => {
    const erasure = await read.need(erasures, { id });
    const emptied = Map.groupBy(
      found.filter((one) => one.empty),
      ({ kind }) => kind,
    );
    const news = [...emptied].filter(([kind]) => erasure.erased[kind] === undefined);
    const kept = found.flatMap(({ kind, id: of, kept: why }) => (why === undefined ? [] : [{ kind, id: of, why }]));
    const more = kept.filter((one) => !erasure.kept.some((there) => there.id === one.id));
    if (news.length + more.length === 0) return undefined;
    const erased = { ...erasure.erased, ...Object.fromEntries(news.map(([kind, all]) => [kind, all.length])) };
    const write = erasures.save(erasure, { erased, kept: [...erasure.kept, ...more] });
    return { writes: [write], events: [ErasureAdvanced.of(write, {})] };
  });

const ended = ({ id, personId }: Erasure, now: string): Command =>
  commit(async (read): Promise<Decision | undefined> => {
    const erasure = await read.need(erasures, { id });
    if (erasure.state === 'done') return undefined;
    const write = erasures.save(erasure, { state: 'done', doneAt: now });
    return { writes: [write], events: [ErasureDone.of(write, { personId })] };
  });

/**
 * Empties everything that holds something about a person, kind by kind, himself last. Each thing says by itself whether it is
 * empty, so that a chunk done twice does nothing twice.
 */
export const erasureJob: JobKind = {
  kind: 'erasure',
  async chunk(doing) {
    const erasure = await need(erasures, { id: String(doing.input['erasureId']) });
    const place = Place.parse(doing.cursor);
    const source = sources[place];
    if (erasure.state === 'done' || source === undefined) return { done: 0, faults: [] };
    const found = await source.find(await subjectOf(erasure.personId));
    await doing.perform(counted(erasure, found));
    const all = await emptiedAll(doing, erasure, found);
    const next = all ? place + 1 : place;
    if (next < sources.length) return { done: found.length, faults: [], cursor: String(next) };
    await doing.perform(ended(erasure, doing.now));
    return { done: found.length, faults: [] };
  },
};
