import { identities } from '#functions/auth/store.ts';
import { enriched, PersonChanged, type Person } from '#functions/clients/person.ts';
import { people } from '#functions/clients/store.ts';
import type { NewEvent } from '#shared/events.ts';
import type { Read } from '#shared/table/read.ts';
import type { Write } from '#shared/table/write.ts';
import type { Lead } from './lead.ts';

/**
 * What else changes when the e-mail or phone of a lead does: its person learns the new address, or, where the address is
 * somebody else's, that person is proposed as a double.
 */
export async function readdressed(
  read: Read,
  lead: Lead,
  { email, phone, name }: Partial<Lead>,
  now: string,
): Promise<{ person: Person; change: Partial<Lead>; writes: Write[]; events: NewEvent[] }> {
  const person = await read.need(people, { id: lead.personId });
  const given = { email, phone };
  const values = (['email', 'phone'] as const).flatMap((kind) => {
    const value = given[kind];
    return value === undefined ? [] : [{ kind, value }];
  });
  const owners = await read.getMany(identities, values);
  const others = owners.filter(({ owner }) => owner !== person.id);
  const own = values.filter(({ kind }) => !others.some((other) => other.kind === kind));
  const claims = own
    .filter(({ kind }) => !owners.some((owner) => owner.kind === kind))
    .map(({ kind, value }) => identities.create({ kind, value, owner: person.id, at: now }));
  const learnt = enriched(person, { name, ...Object.fromEntries(own.map(({ kind, value }) => [kind, value])) });
  const write = learnt && people.save(person, learnt);
  const news = others
    .map(({ owner, kind }) => ({ personId: owner, by: kind as 'email' | 'phone' }))
    .filter(({ personId, by }) => !lead.duplicates.some((one) => one.personId === personId && one.by === by));
  return {
    person,
    change: {
      ...(news.length > 0 && { duplicates: [...lead.duplicates, ...news] }),
      ...(email !== undefined && lead.wrongEmail !== undefined && { wrongEmail: undefined }),
    },
    writes: [...claims, ...(write ? [write] : [])],
    events: write ? [PersonChanged.of(write, {})] : [],
  };
}
