import { identities } from '#functions/auth/store.ts';
import { entity } from '#shared/table/entity.ts';
import type { Read } from '#shared/table/read.ts';
import type { Write } from '#shared/table/write.ts';
import { Client, Member } from './client.ts';
import { Person, PersonChanged, PersonCreated, enriched, type Contact } from './person.ts';
import type { NewEvent } from '#shared/events.ts';

export const people = entity('person', Person, { part: 'R' });
export const clients = entity('client', Client, { part: 'R' });
export const members = entity('member', Member, { recordId: ({ clientId, personId }) => `${clientId}/${personId}` });

/** Somebody else who owns part of a contact: two records that may be one human. */
type Duplicate = { personId: string; by: 'email' | 'phone' };
export type Known = { person: Person; isNew: boolean; writes: Write[]; events: NewEvent[]; duplicates: Duplicate[] };

/**
 * The person behind a contact: the known one (by e-mail first, then phone) or a new one, with what must be written.
 * A value that belongs to two people links the first and proposes the second: it never fails.
 * Reads: one per address, one for the person.
 */
export async function personOf(
  read: Read,
  contact: Contact,
  fresh: { id: string; storyId: string; locale: 'ru' | 'en'; now: string },
): Promise<Known> {
  const values = (['email', 'phone'] as const).flatMap((kind) =>
    contact[kind] === undefined ? [] : [{ kind, value: contact[kind] }],
  );
  const owners = await read.getMany(identities, values);
  const first = values
    .map((value) => owners.find((owner) => owner.kind === value.kind))
    .find((owner) => owner !== undefined);
  const known = first && (await read.get(people, { id: first.owner }));
  const personId = known?.id ?? fresh.id;
  const claims = values
    .filter(({ kind }) => !owners.some((owner) => owner.kind === kind))
    .map(({ kind, value }) => identities.create({ kind, value, owner: personId, at: fresh.now }));
  const duplicates = owners
    .filter(({ owner }) => owner !== personId)
    .map(({ owner, kind }) => ({ personId: owner, by: kind as Duplicate['by'] }));
  if (!known) {
    const person: Person = {
      id: fresh.id,
      version: 1,
      storyId: fresh.storyId,
      name: contact.name,
      emails: contact.email === undefined ? [] : [contact.email],
      phones: contact.phone === undefined ? [] : [contact.phone],
      locale: fresh.locale,
      createdAt: fresh.now,
    };
    const write = people.create(person);
    return { person, isNew: true, writes: [write, ...claims], events: [PersonCreated.of(write, {})], duplicates };
  }
  // A value of somebody else stays his: it is proposed for a merge, not copied.
  const own = { ...contact, ...Object.fromEntries(duplicates.map(({ by }) => [by, undefined])) };
  const change = enriched(known, own);
  if (!change) return { person: known, isNew: false, writes: claims, events: [], duplicates };
  const write = people.save(known, change);
  return {
    person: write.item,
    isNew: false,
    writes: [write, ...claims],
    events: [PersonChanged.of(write, {})],
    duplicates,
  };
}
