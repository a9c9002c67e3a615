import * as z from 'zod';
import { refuse } from '#shared/errors.ts';
import { eventType } from '#shared/events.ts';
import { personal } from '#shared/fields.ts';
import { Id } from '#shared/id.ts';

/** A time somebody stood for a client in one position; days, the last one included. */
const Period = z.object({ position: z.string().optional(), since: z.string(), until: z.string().optional() });
type Period = z.output<typeof Period>;

/** A person stands for a client: the present or last period on top, those before it under `earlier`, oldest first. */
export const Member = z.object({
  clientId: Id('client'),
  personId: Id('person'),
  version: z.int().default(0),
  position: z.string().max(200).optional().meta(personal),
  since: z.string(),
  until: z.string().optional(),
  earlier: z.array(Period).default([]).meta(personal),
  /** The link it became part of when its client or person was made one with another. */
  mergedInto: z.string().optional(),
});
export type Member = z.output<typeof Member>;

export const MemberJoined = eventType('member.joined', { clientId: z.string(), personId: z.string() });
export const MemberChanged = eventType('member.changed', { clientId: z.string(), personId: z.string() });
export const MemberLeft = eventType('member.left', { clientId: z.string(), personId: z.string(), on: z.string() });

/** Links of before days were kept name a moment. */
const day = (text: string): string => text.slice(0, 10);
const present = ({ position, since, until }: Member): Period => ({
  ...(position !== undefined && { position }),
  since,
  ...(until !== undefined && { until }),
});

/** Whether he stands for the client on a day, or will later. */
export const isCurrent = ({ until }: Pick<Member, 'until'>, today: string): boolean =>
  until === undefined || day(until) >= today;

type Change = Pick<Member, 'position' | 'since' | 'until' | 'earlier'>;
const notBefore = (pointer: string, on: string, first: string) => {
  if (on < day(first))
    throw refuse('invalid', {}, [{ pointer, code: 'too_small', detail: `The day is before ${day(first)}.` }]);
};
const dayBefore = (on: string, first: string, previous: (day: string) => string): string =>
  previous(on) < day(first) ? day(first) : previous(on);

/** A new position from a day on; the one before ends the day before. Nothing changes when it is the same. */
export function moved(member: Member, position: string, on: string, previous: (day: string) => string): Change {
  notBefore('/body/on', on, member.since);
  const ended = { ...present(member), until: dayBefore(on, member.since, previous) };
  return { position, since: on, until: undefined, earlier: [...member.earlier, ended] };
}

/** Comes back after he left; as he was, unless a new position is said. */
export function returned(member: Member, position: string | undefined, on: string): Change {
  notBefore('/body/since', on, member.until ?? member.since);
  return {
    position: position ?? member.position,
    since: on,
    until: undefined,
    earlier: [...member.earlier, present(member)],
  };
}

/** Leaves; what was stays on the record. */
export function left(member: Member, on: string): Pick<Member, 'until'> {
  notBefore('/body/on', on, member.since);
  return { until: on };
}

const inOrder = (a: Period, b: Period): number => day(a.since).localeCompare(day(b.since));

/** One link of two, when the people or clients they tie became one: every period of both, the latest on top. */
export function united(one: Member, other: Member): Change {
  const all = [one, other].flatMap((member) => member.earlier.concat(present(member)));
  const unique = [...new Map(all.map((period) => [JSON.stringify(period), period])).values()].sort(inOrder);
  const open = unique.findLast(({ until }) => until === undefined);
  const last = open ?? unique.at(-1) ?? present(one);
  return {
    position: last.position,
    since: last.since,
    until: last.until,
    earlier: unique.filter((period) => period !== last),
  };
}
