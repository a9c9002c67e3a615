import { activities, touches } from '#functions/activities/store.ts';
import { clients, members, people } from '#functions/clients/store.ts';
import { markersOf } from '#functions/clients/redaction.ts';
import type { Client } from '#functions/clients/client.ts';
import type { Person } from '#functions/clients/person.ts';
import { deals } from '#functions/deals/store.ts';
import { leads } from '#functions/leads/store.ts';
import { orders } from '#functions/orders/store.ts';
import { was } from '#shared/events.ts';
import { getMany, listAll, listWhole, need, type Page } from '#shared/table/read.ts';
import { merges } from './merge.ts';

/** All pages of a list. */
export async function every<I>(page: (cursor: string | undefined) => Promise<Page<I>>): Promise<I[]> {
  const found: I[] = [];
  let cursor: string | undefined;
  do {
    const next = await page(cursor);
    found.push(...next.items);
    cursor = next.cursor;
  } while (cursor !== undefined);
  return found;
}

/** A person with everybody who became part of him, and the records that are about him. */
export type Subject = Awaited<ReturnType<typeof subjectOf>>;

/** The person and all that went into him, however deep. */
async function oneWith(person: Person): Promise<Person[]> {
  const made = await every((cursor) => listWhole(merges, 'gsi2', { survivorId: person.id }, { limit: 100, cursor }));
  const ids = [...new Set(made.flatMap(({ otherIds }) => otherIds))];
  const others = await getMany(
    people,
    ids.map((id) => ({ id })),
  );
  const deeper = await Promise.all(others.filter(({ mergedInto }) => mergedInto === person.id).map(oneWith));
  return [person, ...deeper.flat()];
}

/** Clients that are nobody but him: a private person, or a household he is alone in. */
async function privateClients(ids: readonly string[]): Promise<{ own: Client[]; firms: Client[] }> {
  const links = await Promise.all(
    ids.map((personId) =>
      every((cursor) => listWhole(members, 'gsi2', { personId, clientId: 'client_' }, { limit: 100, cursor })),
    ),
  );
  const found = await getMany(
    clients,
    [...new Set(links.flat().map(({ clientId }) => clientId))].map((id) => ({ id })),
  );
  const own: Client[] = [];
  for (const client of found) {
    if (client.kind === 'organisation') continue;
    const all = await listAll(members, { clientId: client.id, personId: 'person_' });
    const alone = all.every(({ personId, mergedInto }) => mergedInto !== undefined || ids.includes(personId));
    if (client.kind === 'person' || alone) own.push(client);
  }
  return { own, firms: found.filter((client) => !own.includes(client)) };
}

const ofClients = async (own: readonly Client[]) => ({
  deals: (
    await Promise.all(
      own.map(({ id: clientId }) =>
        every((cursor) => listWhole(deals, 'gsi2', { clientId, id: 'deal_' }, { limit: 100, cursor })),
      ),
    )
  ).flat(),
  orders: (
    await Promise.all(
      own.map(({ id: clientId }) =>
        every((cursor) => listWhole(orders, 'gsi2', { clientId, id: 'order_' }, { limit: 100, cursor })),
      ),
    )
  ).flat(),
});

/** Names and addresses he had, also those that were changed since. */
async function knownAs(all: readonly Person[]): Promise<{ names: string[]; addresses: string[] }> {
  const old = (await Promise.all(all.map(({ id }) => listAll(was, { personId: id })))).flat();
  const texts = (field: string): string[] =>
    [...all.map((person) => (person as Record<string, unknown>)[field]), ...old.map(({ values }) => values[field])]
      .flat()
      .filter((value): value is string => typeof value === 'string' && value !== '');
  return {
    names: texts('name'),
    addresses: [...new Set(['emails', 'phones', 'email', 'phone', 'wrongEmail'].flatMap(texts))],
  };
}

/** Everything that is about a person, by keys and indexes. @throws 404 */
export async function subjectOf(personId: string) {
  const person = await need(people, { id: personId });
  const all = await oneWith(person);
  const ids = all.map(({ id }) => id);
  const ownLeads = (
    await Promise.all(
      ids.map((id) =>
        every((cursor) => listWhole(leads, 'gsi2', { personId: id, id: 'lead_' }, { limit: 100, cursor })),
      ),
    )
  ).flat();
  const { own, firms } = await privateClients(ids);
  const sales = await ofClients(own);
  const led = await getMany(
    deals,
    ownLeads.flatMap(({ dealId }) => (dealId === undefined ? [] : [{ id: dealId }])),
  );
  const { names, addresses } = await knownAs(all);
  const markers = markersOf([...names, ...ownLeads.flatMap(({ name }) => name ?? [])], addresses);
  const touched = [
    ...ids,
    ...ownLeads.map(({ id }) => id),
    ...own.map(({ id }) => id),
    ...sales.deals.map(({ id }) => id),
  ];
  const stand = (await Promise.all(touched.map((recordId) => listAll(touches, { recordId }))))
    .flat()
    .map(({ id }) => id);
  const done = await getMany(
    activities,
    [...new Set(stand)].filter((id) => id.startsWith('activity_')).map((id) => ({ id })),
  );
  return {
    person,
    people: all,
    leads: ownLeads,
    clients: own,
    firms,
    deals: sales.deals,
    /** Deals of firms that came of his leads: they only may name him. */
    led: led.filter(({ id }) => !sales.deals.some((deal) => deal.id === id)),
    orders: sales.orders,
    activities: done,
    letterIds: [...new Set(stand)].filter((id) => id.startsWith('letter_')),
    /** Ids of records that are about him alone. */
    about: new Set(touched),
    names,
    addresses,
    markers,
  };
}
