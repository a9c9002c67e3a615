import { approvals } from '#functions/approvals/store.ts';
import { activities } from '#functions/activities/store.ts';
import { identities } from '#functions/auth/store.ts';
import { taxIdKey } from '#functions/clients/client.ts';
import { names, redacted } from '#functions/clients/redaction.ts';
import { clients, members, people } from '#functions/clients/store.ts';
import { deals, dealWorks } from '#functions/deals/store.ts';
import { leads, leadWorks } from '#functions/leads/store.ts';
import { orders } from '#functions/orders/store.ts';
import { was } from '#shared/events.ts';
import { getMany, listAll, listWhole } from '#shared/table/read.ts';
import { DataErased } from './erasure.ts';
import { held, workOf, type Source } from './person-held.ts';
import { every } from './person-subject.ts';
import { consentsHeld, lettersAbout, namesElsewhere, requestsOf, stepsAbout, stopsOf } from './person-text.ts';

const OF_LEAD = {
  name: undefined,
  email: undefined,
  phone: undefined,
  company: undefined,
  message: undefined,
  wrongEmail: undefined,
  answers: {},
  custom: undefined,
};

const fromLeads: Source = {
  kind: 'lead',
  find: async (subject) => [
    ...held(leads, subject.leads, () => OF_LEAD),
    ...held(leadWorks, await workOf(leadWorks, subject.leads), ({ id }) => ({ name: id })),
  ],
};

/** What a firm calls its deal is the firm's: only what names the person goes. */
const fromDeals: Source = {
  kind: 'deal',
  async find({ deals: own, led, markers }) {
    const clean = (text: string | undefined) => (text === undefined ? undefined : redacted(text, markers));
    const some = led.filter((deal) =>
      [deal.name, deal.nextStep, deal.lostReason].some((text) => names(text ?? '', markers)),
    );
    return [
      ...held(deals, own, ({ id }) => ({ name: id, nextStep: undefined, lostReason: undefined, custom: undefined })),
      ...held(dealWorks, await workOf(dealWorks, own), ({ id }) => ({ name: id })),
      ...held(deals, some, (deal) => ({
        name: redacted(deal.name, markers),
        nextStep: clean(deal.nextStep),
        lostReason: clean(deal.lostReason),
      })),
      ...held(dealWorks, await workOf(dealWorks, some), (work) => ({ name: redacted(work.name, markers) })),
    ];
  },
};

const fromApprovals: Source = {
  kind: 'approval',
  async find({ deals: own, led, markers }) {
    const all = await Promise.all(
      [...own, ...led].map(({ id: subjectId }) =>
        every((cursor) => listWhole(approvals, 'gsi2', { subjectId }, { limit: 100, cursor })),
      ),
    );
    const mine = new Set(own.map(({ id }) => id));
    return held(approvals, all.flat(), (approval) => ({
      title: mine.has(approval.subjectId) ? approval.subjectId : redacted(approval.title, markers),
      comment: approval.comment === undefined ? undefined : redacted(approval.comment, markers),
    }));
  },
};

const fromActivities: Source = {
  kind: 'activity',
  find: async ({ activities: all, about, markers }) =>
    all.flatMap((activity) => {
      if (about.has(activity.recordId))
        return held(activities, [activity], () => ({
          subject: '…',
          text: undefined,
          outcome: undefined,
          custom: undefined,
        }));
      const clean = (text: string | undefined) => (text === undefined ? undefined : redacted(text, markers));
      return held(activities, [activity], ({ subject, text, outcome }) => ({
        subject: redacted(subject, markers),
        text: clean(text),
        outcome: clean(outcome),
      }));
    }),
};

const fromClients: Source = {
  kind: 'client',
  find: async ({ clients: own, orders: all, firms }) => [
    ...held(clients, own, ({ id }) => ({ name: id, taxId: undefined, otherTaxIds: undefined, custom: undefined })),
    ...held(orders, all, () => ({ custom: undefined })),
    ...firms.map((firm) => ({
      kind: 'client',
      id: firm.id,
      data: { id: firm.id, kind: firm.kind, name: firm.name },
      kept: firm.kind === 'organisation' ? 'a firm and its papers are not his' : 'others belong to this household',
    })),
  ],
};

const fromMembers: Source = {
  kind: 'member',
  async find({ people: all }) {
    const links = await Promise.all(
      all.map(({ id: personId }) =>
        every((cursor) => listWhole(members, 'gsi2', { personId, clientId: 'client_' }, { limit: 100, cursor })),
      ),
    );
    return links.flat().map((link) => ({
      kind: 'member',
      id: members.recordId(link),
      data: link,
      empty:
        ({ erasureId }) =>
        async (read) => {
          const member = await read.get(members, { clientId: link.clientId, personId: link.personId });
          if (
            !member ||
            (member.position === undefined && member.earlier.every(({ position }) => position === undefined))
          )
            return undefined;
          const earlier = member.earlier.map(({ since, until }) => ({ since, ...(until !== undefined && { until }) }));
          const write = members.save(member, { position: undefined, earlier });
          return { writes: [write], events: [DataErased.of(write, { erasureId })] };
        },
    }));
  },
};

/** Old values of everything above lie apart from it. */
const fromOldValues: Source = {
  kind: 'old value',
  async find(subject) {
    const { people: all, clients: own, deals: sales, led, activities: done, orders: bought } = subject;
    const ids = [...all, ...own, ...sales, ...led, ...done, ...bought].map(({ id }) => id);
    const old = (await Promise.all(ids.map((personId) => listAll(was, { personId })))).flat();
    return old.map((item) => ({
      kind: 'old value',
      id: item.eventId,
      data: item,
      empty: () => async (read) => {
        const there = await read.get(was, { personId: item.personId, eventId: item.eventId });
        if (!there || Object.keys(there.values).length === 0) return undefined;
        return { writes: [was.put({ ...there, values: {} })] };
      },
    }));
  },
};

/** He is the last to be emptied: till then his name and addresses say what to look for. */
const fromPeople: Source = {
  kind: 'person',
  find: async ({ people: all }) =>
    all.map((person) => ({
      kind: 'person',
      id: person.id,
      data: person,
      empty:
        ({ erasureId, now }) =>
        async (read) => {
          const there = await read.get(people, { id: person.id });
          if (!there || (there.erasedAt !== undefined && there.emails.length + there.phones.length === 0))
            return undefined;
          const write = people.save(there, {
            name: undefined,
            emails: [],
            phones: [],
            custom: undefined,
            erasedAt: now,
            archivedAt: there.archivedAt ?? now,
          });
          return { writes: [write], events: [DataErased.of(write, { erasureId })] };
        },
    })),
};

/** Claims of his addresses go first: whoever comes with one of them from then on is somebody new. */
const fromIdentities: Source = {
  kind: 'identity',
  async find({ people: all, clients: own, addresses }) {
    const ids = new Set([...all, ...own].map(({ id }) => id));
    const keys = [
      ...addresses.map((value) => ({ kind: value.startsWith('+') ? 'phone' : 'email', value })),
      ...own.flatMap(({ taxId, otherTaxIds = [] }) =>
        [...(taxId === undefined ? [] : [taxId]), ...otherTaxIds].map((number) => ({
          kind: 'taxId',
          value: taxIdKey(number),
        })),
      ),
    ];
    const found = (await getMany(identities, keys)).filter(({ owner }) => ids.has(owner));
    return found.map((identity) => ({
      kind: 'identity',
      id: identity.owner,
      data: identity,
      empty: () => async (read) => {
        const there = await read.get(identities, identity);
        if (!there || !ids.has(there.owner)) return undefined;
        return {
          removes: [
            {
              key: identities.key(identity),
              ConditionExpression: '#owner = :owner',
              ExpressionAttributeNames: { '#owner': 'owner' },
              ExpressionAttributeValues: { ':owner': there.owner },
            },
          ],
        };
      },
    }));
  },
};

/** Everything that may hold something about a person, in the order it is emptied. One more kind is one more row. */
export const sources: readonly Source[] = [
  fromIdentities,
  requestsOf,
  lettersAbout,
  stopsOf,
  consentsHeld,
  namesElsewhere,
  fromLeads,
  fromDeals,
  fromApprovals,
  fromActivities,
  fromClients,
  fromMembers,
  stepsAbout,
  fromOldValues,
  fromPeople,
];
