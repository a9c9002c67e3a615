import type { NewEvent } from '#shared/events.ts';
import { refuse } from '#shared/errors.ts';
import { joinStories } from '#shared/story.ts';
import type { Read } from '#shared/table/read.ts';
import { addDays } from '#shared/time.ts';
import type { Check, Write } from '#shared/table/write.ts';
import { isCurrent, left, MemberChanged, MemberJoined, MemberLeft, moved, returned, type Member } from './member.ts';
import { clients, members, people } from './store.ts';
import { notMerged } from './survivor.ts';

/** One side of a link; one that is made by the same command cannot be checked. */
type Tied = { id: string; storyId: string; isNew?: boolean };
export type Joined = { answer: Write; writes: Write[]; events: NewEvent[]; checks: Check[] };

const dayBefore = (day: string): string => addDays(day, -1);

/**
 * What is written when a person begins to stand for a client, or does so again after he left; nothing but the link as it is
 * when he does already. The two stories become one to whoever reads either.
 */
export async function joining(
  read: Read,
  client: Tied,
  person: Tied,
  { position, since }: { position?: string | undefined; since: string },
): Promise<Joined> {
  const before = await read.get(members, { clientId: client.id, personId: person.id });
  if (before && isCurrent(before, since)) return { answer: members.asIs(before), writes: [], events: [], checks: [] };
  const write = before
    ? members.save(before, { ...returned(before, position, since), mergedInto: undefined })
    : members.create({ clientId: client.id, personId: person.id, version: 1, position, since, earlier: [] });
  const named = { clientId: client.id, personId: person.id };
  return {
    answer: write,
    writes: [write, ...joinStories(client.storyId, person.storyId)],
    events: [{ ...MemberJoined.of(write, named), storyId: client.storyId }],
    checks: [
      ...(client.isNew ? [] : [notMerged(clients, client.id)]),
      ...(person.isNew ? [] : [notMerged(people, person.id)]),
    ],
  };
}

/** What is written when somebody leaves a client; a second time on the same day changes nothing. */
export function leaving(member: Member, on: string, storyId: string) {
  if (member.until === on) return { answer: members.asIs(member) };
  if (member.until !== undefined)
    throw refuse('wrong_state', { what: 'The link', state: 'ended', why: `he left on ${member.until}` });
  const { clientId, personId } = member;
  const write = members.save(member, left(member, on));
  return {
    writes: [write],
    events: [{ ...MemberLeft.of(write, { clientId, personId, on }), storyId }],
    answer: write,
  };
}

/** What is written for a new position from a day on; the one before stays in the history. */
export function moving(member: Member, position: string, on: string, storyId: string) {
  if (member.position === position && member.until === undefined) return { answer: members.asIs(member) };
  if (member.until !== undefined)
    throw refuse('wrong_state', { what: 'The link', state: 'ended', why: `he left on ${member.until}` });
  const { clientId, personId } = member;
  const write = members.save(member, moved(member, position, on, dayBefore));
  return {
    writes: [write],
    events: [{ ...MemberChanged.of(write, { clientId, personId }), storyId }],
    answer: write,
  };
}
