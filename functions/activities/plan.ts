import * as z from 'zod';
import { Id } from '#shared/id.ts';
import type { Activity } from './activity.ts';

/** What the work line of a record shows of its activities. */
export const planFields = {
  /** Whether something is to be done at a time: a record that is open and has nothing planned is somebody's to mend. */
  planned: z.boolean().optional(),
  /** The open activity that is next; none when the next step was only typed. */
  nextActivityId: Id('activity').optional(),
  /** When somebody last did something about it. */
  lastActionAt: z.string().optional(),
} as const;

type Kind = Exclude<Activity['kind'], 'note'>;
type Planned = { planned: true; nextActivityId: string; next: { kind: Kind; text: string }; nextAt: string };
type Unplanned = { planned: false; nextActivityId: undefined; next: undefined };

/** The plan of a record whose first open activity is this one, or that has none. */
export function planOf(activity: Activity | undefined): Planned | Unplanned {
  if (activity === undefined) return { planned: false, nextActivityId: undefined, next: undefined };
  const { id, kind, subject, nextAt = '' } = activity;
  return {
    planned: true,
    nextActivityId: id,
    next: { kind: kind === 'note' ? 'task' : kind, text: subject },
    nextAt,
  };
}

/** The contact with somebody that an activity was, and when; undefined when it is none, or not done. */
export function contactOf(activity: Activity): { how: 'call' | 'letter' | 'meeting'; at: string } | undefined {
  const { kind, state, startAt, doneAt } = activity;
  if (state !== 'done' || doneAt === undefined || kind === 'task' || kind === 'note') return undefined;
  return { how: kind, at: startAt !== undefined && startAt < doneAt ? startAt : doneAt };
}

export const later = (a: string | undefined, b: string | undefined): string | undefined =>
  a === undefined || (b !== undefined && b > a) ? b : a;
