import { identities } from '#functions/auth/store.ts';
import type { NewEvent } from '#shared/events.ts';
import type { Read } from '#shared/table/read.ts';
import type { Check, Write } from '#shared/table/write.ts';
import { proposed } from './pair-store.ts';
import { enriched, PersonChanged, PersonCreated, type Contact, type Person } from './person.ts';
import { people } from './store.ts';
import { notMerged, survivorOf } from './survivor.ts';

/** Somebody else who owns part of a contact: two records that may be one human. */
type Duplicate = { personId: string; by: 'email' | 'phone' };
export type Known = {
  person: Person;
  isNew: boolean;
  writes: Write[];
  events: NewEvent[];
  /** The person must not become part of another while something is tied to him. */
  checks: Check[];
  duplicates: Duplicate[];
};
type Fresh = { id: string; storyId: string; locale: 'ru' | 'en'; now: string };
type Value = { kind: 'email' | 'phone'; value: string };

/**
 * The person behind a contact: the known one (by e-mail first, then phone), as he is now if he was merged, or a new one,
 * with what must be written. A value that belongs to two people links the first and proposes the second: it never fails.
 * Reads: one per address, one for the person.
 */
export async function personOf(read: Read, contact: Contact, fresh: Fresh): Promise<Known> {
  const values = (['email', 'phone'] as const).flatMap((kind): Value[] =>
    contact[kind] === undefined ? [] : [{ kind, value: contact[kind] }],
  );
  const owners = await read.getMany(identities, values);
  const ownerOf = ({ kind }: Value): string | undefined => owners.find((owner) => owner.kind === kind)?.owner;
  const first = values.map(ownerOf).find((owner) => owner !== undefined);
  const known = first === undefined ? undefined : await survivorOf<Person>(read, people, first);
  const personId = known?.id ?? fresh.id;
  const duplicates: Duplicate[] = [];
  for (const value of values) {
    const owner = ownerOf(value);
    const person = owner === undefined || owner === first ? undefined : await survivorOf<Person>(read, people, owner);
    if (person && person.id !== personId) duplicates.push({ personId: person.id, by: value.kind });
  }
  const likes = duplicates.map(({ personId: id, by }) => ({ id, by }));
  const pairs = await proposed(read, personId, likes, fresh.now);
  const learnt = known ? learning(known, contact, duplicates) : asNew(contact, fresh);
  const free = values.filter((value) => ownerOf(value) === undefined && lists(learnt.person, value));
  const claims = free.map((value) => identities.create({ ...value, owner: personId, at: fresh.now }));
  return {
    person: learnt.person,
    isNew: known === undefined,
    writes: [...learnt.writes, ...claims, ...pairs.writes],
    events: [...learnt.events, ...pairs.events],
    checks: known && learnt.writes.length === 0 ? [notMerged(people, personId)] : [],
    duplicates,
  };
}

type Learnt = Pick<Known, 'person' | 'writes' | 'events'>;

const lists = ({ emails, phones }: Person, { kind, value }: Value): boolean =>
  (kind === 'email' ? emails : phones).includes(value);

function asNew({ name, email, phone }: Contact, { id, storyId, locale, now }: Fresh): Learnt {
  const person: Person = {
    id,
    version: 1,
    storyId,
    name,
    emails: email === undefined ? [] : [email],
    phones: phone === undefined ? [] : [phone],
    locale,
    createdAt: now,
  };
  const write = people.create(person);
  return { person, writes: [write], events: [PersonCreated.of(write, {})] };
}

function learning(known: Person, contact: Contact, duplicates: readonly Duplicate[]): Learnt {
  // A value of somebody else stays his: it is proposed for a merge, not copied.
  const own = { ...contact, ...Object.fromEntries(duplicates.map(({ by }) => [by, undefined])) };
  const change = enriched(known, own);
  if (!change) return { person: known, writes: [], events: [] };
  const write = people.save(known, change);
  return { person: write.item, writes: [write], events: [PersonChanged.of(write, {})] };
}
