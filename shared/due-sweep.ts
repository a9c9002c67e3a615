import { createHash } from 'node:crypto';
import { putOnce, removeOnce } from '#shared/aws/clock.ts';
import type { Context } from '#shared/command.ts';
import { dueId, dues, DUE_SHARDS, type Due, type Fire } from '#shared/due.ts';
import type { EventType } from '#shared/events.ts';
import { listen, type Listener } from '#shared/listen.ts';
import { log } from '#shared/log.ts';
import { get, listWhole } from '#shared/table/read.ts';
import { transact } from '#shared/table/transact.ts';
import { putItem } from '#shared/table/write.ts';
import { addTo } from '#shared/time.ts';

/** What is due later than this has no schedule yet: a sweep of a later day makes it, also in 25 years. */
const AHEAD_HOURS = 48;
/** A schedule for a moment that is over or all but may be refused. */
const SOON_SECONDS = 30;

/** A schedule of its own for every time: one that was moved cannot take the new one's place. */
const nameOf = (id: string, at: string): string =>
  `due-${createHash('sha256').update(`${id}\n${at}`).digest('hex').slice(0, 32)}`;

const mark = async (due: Due, armed: string | undefined): Promise<void> => {
  // Lost to a faster change of the row: that one's own event arms it again.
  await transact([putItem(dues.save(due, { armed }).put)]);
};

/** Gives a row the schedule it should have now, if it is near, and takes away one for another time. Safe to repeat. */
export async function arm(due: Due, now: string): Promise<void> {
  const wanted = due.state === 'waiting' && due.at <= addTo(now, { hours: AHEAD_HOURS }) ? due.at : undefined;
  if (due.armed === wanted) return;
  if (due.armed !== undefined) await removeOnce(nameOf(due.id, due.armed));
  const soonest = addTo(now, { seconds: SOON_SECONDS });
  if (wanted !== undefined) await putOnce(nameOf(due.id, wanted), wanted > soonest ? wanted : soonest, { due: due.id });
  await mark(due, wanted);
}

/** Keeps the schedules of a kind of due thing right after these events of its records. */
export const armsDue = (kinds: readonly string[], types: readonly EventType[]): Listener[] =>
  types.map((type) =>
    listen(
      type,
      `due.arm-${type.name}`,
      async ({ event, now }) => {
        for (const kind of kinds) {
          const due = await get(dues, { id: dueId(event.recordId, kind) });
          if (due) await arm(due, now);
        }
      },
      { once: false },
    ),
  );

/**
 * The net under the schedules: fires what is overdue, e.g. after an outage, and gives what is near a schedule. Reads the
 * near end of the queue only, whatever lies far ahead. One that fails keeps nobody else from his turn.
 */
export async function sweepDue(
  fire: Fire,
  context: Context,
  hasTime: () => boolean,
): Promise<{ fired: number; failed: number }> {
  const until = addTo(context.now, { hours: AHEAD_HOURS });
  const done = { fired: 0, failed: 0 };
  for (const shard of DUE_SHARDS) {
    let cursor: string | undefined;
    do {
      const page = await listWhole(dues, 'gsi3', { shard }, { limit: 100, before: until, cursor });
      for (const due of page.items) {
        if (!hasTime()) return done;
        try {
          if (due.at > context.now) await arm(due, context.now);
          else await fire(due.id, context);
          if (due.at <= context.now) done.fired += 1;
        } catch (error) {
          done.failed += 1;
          log().error(`what was due could not be done`, { due: due.id, error: error as Error });
        }
      }
      cursor = page.cursor;
    } while (cursor !== undefined);
  }
  return done;
}
