import { createHash } from 'node:crypto';
import * as z from 'zod';
import { commit, run, type Context, type Decision } from '#shared/command.ts';
import { newId } from '#shared/id.ts';
import { entity } from '#shared/table/entity.ts';
import type { Read } from '#shared/table/read.ts';
import type { Write } from '#shared/table/write.ts';
import { epochOf } from '#shared/time.ts';

/**
 * Something that is to happen to a record at a time, however far ahead: this row is the truth, schedules only come to look.
 * One row per record and kind; moved and cancelled in the transaction of the command that decides so.
 */
export const Due = z.object({
  /** `{recordId}.{kind}` */
  id: z.string(),
  version: z.int(),
  kind: z.string(),
  recordId: z.string(),
  at: z.string(),
  state: z.enum(['waiting', 'fired', 'cancelled']),
  /** Part of its place in the queue, there only while it waits. */
  shard: z.string().optional(),
  /** The time for which there is a schedule. */
  armed: z.string().optional(),
  firedAt: z.string().optional(),
});
export type Due = z.output<typeof Due>;
export const dues = entity('due', Due);

export const dueId = (recordId: string, kind: string): string => `${recordId}.${kind}`;

const SHARDS = 4;
export const DUE_SHARDS: readonly string[] = Array.from({ length: SHARDS }, (_, shard) => String(shard));
const shardOf = (id: string): string => String((createHash('sha256').update(id).digest()[0] ?? 0) % SHARDS);

type Wanted = { kind: string; recordId: string; /** Undefined: not at all any more. */ at: string | undefined };

/** What a command writes so that something happens at a time, at another than before, or not at all; nothing if it stands so. */
export async function setDue(read: Read, { kind, recordId, at }: Wanted): Promise<Write[]> {
  const id = dueId(recordId, kind);
  const before = await read.get(dues, { id });
  const waits = before?.state === 'waiting';
  if (at === undefined) return waits ? [dues.save(before, { state: 'cancelled', shard: undefined })] : [];
  if (waits && before.at === at) return [];
  const waiting = { at, state: 'waiting', shard: shardOf(id), firedAt: undefined } as const;
  return [before ? dues.save(before, waiting) : dues.create({ id, version: 1, kind, recordId, ...waiting })];
}

/** What happens when a kind of thing is due: a decision like any command's; undefined when there is nothing left to do. */
export type DueKind = { name: string; fire(read: Read, due: Due, given: Firing): Promise<Decision | undefined> };
type Firing = { now: string; requestId: string; newId(prefix: string): string };

/** `fire` runs in the transaction that marks the row as fired: exactly once, however often and late a schedule comes. */
export const dueKind = (name: string, fire: DueKind['fire']): DueKind => ({ name, fire });

export type Fire = (id: string, context: Context) => Promise<void>;

/**
 * Does what is due under this id. A schedule that comes twice, too early, or after the row was moved or cancelled finds
 * nothing to do.
 * @throws Error for a kind nobody has declared
 */
export function firing(kinds: readonly DueKind[]): Fire {
  const known = new Map(kinds.map((kind) => [kind.name, kind]));
  return async (id, context) => {
    const { now, requestId } = context;
    const given = { now, requestId, newId: (prefix: string) => newId(prefix, epochOf(now)) };
    const command = commit(async (read) => {
      const due = await read.get(dues, { id });
      if (due?.state !== 'waiting' || due.at > now) return undefined;
      const kind = known.get(due.kind);
      if (!kind) throw new Error(`Nobody knows what to do when ${due.kind} is due.`);
      const decided = await kind.fire(read, due, given);
      const fired = dues.save(due, { state: 'fired', shard: undefined, firedAt: now });
      return { ...decided, writes: [...(decided?.writes ?? []), fired] };
    });
    await run(command, context);
  };
}
