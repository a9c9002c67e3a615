import * as z from 'zod';
import { teams, workingMembers } from '#functions/auth/store.ts';
import { customKindsOf, openCopy, systemViewer } from '#functions/reports/list.ts';
import { getFile, putFile } from '#shared/aws/files.ts';
import { refuse } from '#shared/errors.ts';
import { countSteps, doSteps, type RowDone, type Step } from '#shared/job-rows.ts';
import type { Chunk, Doing, JobKind } from '#shared/jobs.ts';
import { listRows, today } from '#shared/read/list.ts';
import type { AnyRecordKind, Editing } from '#shared/record-kind.ts';
import { changeStep } from '#shared/record-step.ts';
import { need, type Read } from '#shared/table/read.ts';
import type { User } from '#shared/user.ts';
import { behind } from './acting.ts';
import { dealt, handedLists, type Found, type Handing } from './hand-over.ts';
import { HAND_OVER } from './job-name.ts';
import { kindFor, mayChange } from './kinds.ts';

const PAGE = 200;
/** What was made while records were handed over is found by another look; what still comes then has another reason. */
const MAX_ROUNDS = 3;

const Input = z.object({ from: z.string(), to: z.string().optional(), toTeam: z.string().optional() });
type Input = z.output<typeof Input>;
/** Which look at what he owns, how much of it is done, and how many steps the looks before had. */
const Place = z.object({ round: z.int(), at: z.int(), before: z.int() });
type Place = z.output<typeof Place>;
const Plan = z.array(z.object({ kind: z.string(), id: z.string(), to: z.string() }));

const placeOf = ({ cursor }: Doing): Place =>
  cursor === undefined ? { round: 1, at: 0, before: 0 } : Place.parse(JSON.parse(cursor));
const stepsOf = ({ at, before }: Place, plan: readonly Handing[]) =>
  plan.slice(at, at + PAGE).map((one, place) => ({ n: before + at + place + 1, one }));

/** Gives everything somebody owns to another, or to the people of a team in turn, each record by the rights of who asked. */
export const handOverJob: JobKind = {
  ...HAND_OVER,
  async chunk(doing) {
    const { user, editing, acting } = await behind(doing);
    const input = Input.parse(doing.input);
    const place = placeOf(doing);
    const plan = await planOf(doing, input, place.round);
    const steps = stepsOf(place, plan).map(({ n, one }): Step => {
      const kind = kindFor(one.kind, user);
      return { n, lane: one.id, decide: handedOver(kind, one, { from: input.from, editing, user }) };
    });
    const { next, ...done } = await doSteps(doing, steps, { ...acting, locale: user.locale });
    const at = next === undefined ? place.at + steps.length : next - place.before - 1;
    return { ...done, total: place.before + plan.length, ...onFrom({ ...place, at }, plan.length) };
  },
  async stop(doing) {
    const place = placeOf(doing);
    const plan = await planOf(doing, Input.parse(doing.input), place.round);
    return countSteps(
      doing,
      stepsOf(place, plan).map(({ n }) => n),
    );
  },
};

/** Where the next chunk begins; nowhere when the last look found nothing more. */
function onFrom(place: Place, planned: number): Pick<Chunk, 'cursor'> {
  if (place.at < planned) return { cursor: JSON.stringify(place) };
  if (planned === 0 || place.round === MAX_ROUNDS) return {};
  return { cursor: JSON.stringify({ round: place.round + 1, at: 0, before: place.before + planned } satisfies Place) };
}

type Handed = { from: string; editing: Editing; user: User };

const handedOver =
  (kind: AnyRecordKind, { id, to }: Handing, { from, editing, user }: Handed) =>
  async (read: Read): Promise<RowDone> => {
    const record = (await kind.get(read, id)) as { ownerId?: string } | undefined;
    if (record && record.ownerId !== from)
      return { result: 'skipped', of: kind.kind, recordId: id, why: `It is ${record.ownerId ?? 'nobody'}'s by now.` };
    return changeStep(kind, id, { ownerId: to }, editing, mayChange(kind, user))(read);
  };

/** Made once for each look and kept, because a step must mean the same record whenever it is tried. */
async function planOf(doing: Doing, input: Input, round: number): Promise<Handing[]> {
  const keyOf = (one: number) => `results/hand-over/${doing.jobId}-${one}.json`;
  const kept = await getFile(keyOf(round));
  if (kept) return Plan.parse(JSON.parse(kept.toString()));
  const earlier = await Promise.all(Array.from({ length: round - 1 }, (_, place) => planOf(doing, input, place + 1)));
  const known = new Set(earlier.flat().map(({ id }) => id));
  const found = (await ownedBy(input.from, doing)).filter(({ id }) => !known.has(id));
  const plan = dealt(found, await takersOf(input, doing.now));
  await putFile(keyOf(round), JSON.stringify(plan), 'application/json');
  return plan;
}

async function takersOf({ from, to, toTeam = '' }: Input, now: string): Promise<string[]> {
  if (to !== undefined) return [to];
  const here = (await workingMembers(await need(teams, { id: toTeam }), now)).filter((id) => id !== from);
  if (here.length > 0) return here;
  throw refuse('wrong_state', { what: 'The team', state: 'empty', why: 'nobody of it is here to take anything' });
}

/** Everything somebody owns, put away or not, as the read copy has it after the job was started. */
async function ownedBy(ownerId: string, { jobId, now }: Doing): Promise<Found[]> {
  const { copy } = await openCopy(`${jobId}.r1.0`);
  const viewer = systemViewer(copy, ownerId, now);
  const all: Found[] = [];
  for (const { list, kind, filter } of handedLists) {
    const custom = await customKindsOf(list);
    const query = { filter, archived: true, sort: 'madeAt', limit: 1000 };
    let cursor: string | undefined;
    do {
      const page = listRows(copy, today(copy, list), { ...query, cursor }, viewer, custom);
      all.push(...page.items.map((item) => ({ ...(item as Omit<Found, 'kind'>), kind })));
      cursor = page.cursor;
    } while (cursor !== undefined);
  }
  // What went into another record is that one's owner's.
  return all
    .filter((one) => !('mergedInto' in one))
    .map(({ kind, id, clientId, recordId }) => ({ kind, id, clientId, recordId }));
}
