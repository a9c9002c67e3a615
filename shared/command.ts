import { isRefusal, refuse } from '#shared/errors.ts';
import { systemNow } from '#shared/time.ts';
import { reader, type Read } from '#shared/table/read.ts';
import {
  checkItem,
  putItem,
  removeItem,
  type Check,
  type Removal,
  type TransactItem,
  type Write,
} from '#shared/table/write.ts';
import { transact } from '#shared/table/transact.ts';
import { doneBefore, idempotencyItem, type Once } from '#shared/idempotency.ts';
import { eventItems } from '#shared/record-events.ts';
import type { Actor, NewEvent } from '#shared/events.ts';

/** What a command decided. `answer` is the write whose record is the answer; `status` 200 unless said. */
export type Decision = {
  writes?: readonly Write[];
  checks?: readonly Check[];
  /** Items that go for good, e.g. the claim of an address that is free again; the entry's `removes` must name their kind. */
  removes?: readonly Removal[];
  events?: readonly NewEvent[];
  answer?: Write | undefined;
  status?: number;
};

/** Reads by key and says what is to be written; run again after a lost race, so it may have no effect of its own. */
export type Decide = (read: Read) => Promise<Decision | undefined>;

/** What a route, a listener or a task returns to have a command run. */
export class Command {
  readonly decide: Decide;
  constructor(decide: Decide) {
    this.decide = decide;
  }
}
export const commit = (decide: Decide): Command => new Command(decide);

/** Who runs a command, when, because of what, and until when it may be tried (epoch ms). */
export type Context = {
  now: string;
  by: Actor;
  requestId: string;
  /** By which operation of the API, e.g. `PUT /leads/{id}`. */
  via?: string | undefined;
  deadline: number;
  cause?: { id: string; depth: number } | undefined;
  /** What it tells sets nothing in motion: no letters, no routes. Records and counts follow it as ever. */
  quiet?: boolean | undefined;
  /** An erasure: events only name the fields that change, and no old value is kept. */
  forget?: boolean | undefined;
  /** Given where the caller may repeat himself: makes the command happen once. */
  once?: Once | undefined;
};

/** What came of a command: the record in wire form as it now is. */
export type Outcome = {
  status: number;
  record: Record<string, unknown> | undefined;
  version: number | undefined;
  eventId?: string;
  repeated?: boolean;
};

const NOTHING: Outcome = { status: 204, record: undefined, version: undefined };

/**
 * Runs a command: decide, one transaction, again after a lost race until the deadline.
 * @throws Refusal from the rules; 409 conflict when races never end; 412 only where a rule compared the user's version
 */
export async function run(command: Command, context: Context): Promise<Outcome> {
  for (let attempt = 1; ; attempt += 1) {
    const decided = await decideOnce(command, context);
    if ('outcome' in decided) return decided.outcome;
    const result = await transact(decided.items);
    if (result === 'done') return decided.made;
    if (context.once && result.failed.includes(decided.items.length - 1)) {
      const before = await doneBefore(context.once);
      if (before) return before;
    }
    const pause = Math.random() * Math.min(1000, 20 * 2 ** attempt);
    if (systemNow() + pause > context.deadline) throw refuse('conflict');
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

type Decided = { outcome: Outcome } | { items: TransactItem[]; made: Outcome };

async function decideOnce(command: Command, context: Context): Promise<Decided> {
  let decision: Decision | undefined;
  try {
    decision = await command.decide(reader);
  } catch (error) {
    // A repeat may find the state already moved on by its first run: then the first run's result is the answer.
    const before = isRefusal(error) && context.once ? await doneBefore(context.once) : undefined;
    if (before) return { outcome: before };
    throw error;
  }
  if (decision === undefined) return { outcome: NOTHING };
  const { writes = [], checks = [], answer } = decision;
  const told = eventItems(decision.events ?? [], writes, context);
  const made: Outcome = {
    status: decision.status ?? (answer ? 200 : 204),
    record: answer?.after,
    version: answer?.version,
    ...(told.lastId !== undefined && { eventId: told.lastId }),
  };
  const items = [
    ...writes.filter((write) => !write.asIs).map((write) => putItem(write.put)),
    ...told.items,
    ...checks.map(checkItem),
    ...(decision.removes ?? []).map(removeItem),
  ];
  if (items.length === 0 && !context.once) return { outcome: made };
  if (context.once) items.push(idempotencyItem(context.once, answer, made.status, context.now));
  if (items.length > 100) throw new RangeError(`A command wrote ${items.length} items; a transaction holds 100.`);
  return { items, made };
}
