import type * as z from 'zod';
import type { Approval as ApprovalSchema } from '#functions/approvals/approval.ts';
import type { Deal as DealSchema } from '#functions/deals/deal.ts';
import type { Lead as LeadSchema, LeadWork as LeadWorkSchema } from '#functions/leads/lead.ts';
import type { LetterView } from '#functions/mail/letter.ts';
import type { Raw as RawSchema } from '#functions/marketing/intake.ts';
import type { Order as OrderSchema } from '#functions/orders/order.ts';
import type { Got } from '#local/person.ts';
import type { Event } from '#shared/events.ts';
import { good, type Journey, type Person, unique } from './journey.ts';

/** Records as the API answers them. */
export type Deal = z.input<typeof DealSchema>;
export type Lead = z.input<typeof LeadSchema>;
export type LeadWork = z.input<typeof LeadWorkSchema>;
export type Raw = z.input<typeof RawSchema>;
export type Order = z.input<typeof OrderSchema>;
export type Approval = z.input<typeof ApprovalSchema>;
export type Letter = z.input<typeof LetterView>;
export type Story = { storyId: string; chain: { entity: string; id: string }[]; events: Event[] };
export type Problem = {
  status: number;
  code: string;
  title: string;
  detail: string;
  requestId: string;
  errors: { pointer: string; code: string; detail: string }[];
  changes?: { type: string; by: string; fields: { field: string; from?: unknown; to?: unknown }[] }[];
};
type Page<T> = { items: T[]; cursor?: string };

export const PUMP = 'product_00000000000000000000P0MP10';

/** The team of the starter set. */
export const teamId = async (journey: Journey): Promise<string> =>
  good(await journey.admin<{ items: { id: string; name: string }[] }>('GET /api/teams')).body.items.find(({ name }) =>
    name.startsWith('Продажи'),
  )?.id ?? '';

/** A form of the test's own: its id is also the channel of its leads, by which they are counted. */
export async function newForm(journey: Journey, change: Record<string, unknown> = {}): Promise<string> {
  const id = unique('form');
  const text = { ru: 'Заявка', en: 'Ask us' };
  const body = {
    channel: id,
    teamId: await teamId(journey),
    mapping: {},
    locale: 'ru',
    welcome: 'welcome',
    limitPerMinute: 100_000,
    title: text,
    submit: text,
    thanks: { ru: 'Спасибо!', en: 'Thank you!' },
    fields: [],
    allowedOrigins: [],
    ...change,
  };
  good(await journey.admin(`PUT /api/settings/forms/${id}`, { body: { name: id, body } }));
  return id;
}

/** Changes part of a setting that is there, and lets the change come into force. */
export async function changeSetting(
  journey: Journey,
  place: string,
  change: Record<string, unknown>,
): Promise<Got<{ version: number }>> {
  const before = good(
    await journey.admin<{ name: string; body: Record<string, unknown> }>(`GET /api/settings/${place}`),
  );
  const { name, body } = before.body;
  const saved = good(
    await journey.admin<{ version: number }>(`PUT /api/settings/${place}`, {
      ifMatch: before.version,
      body: { name, body: { ...body, ...change } },
    }),
  );
  await journey.inForce();
  return saved;
}

export const post = (journey: Journey, form: string, body: unknown, key?: string) =>
  journey.visitor<{ id: string }>(`POST /public/forms/${form}`, { body, key });

/** What was posted to a form or hook, the newest first. */
export const requestsOf = async (journey: Journey, source: string): Promise<Raw[]> =>
  good(await journey.admin<Page<Raw>>(`GET /api/intake?source=${source}&limit=100`)).body.items;

export const requestOf = async (journey: Journey, id: string): Promise<Raw> =>
  good(await journey.admin<Raw>(`GET /api/intake/${id}`)).body;

const STATES = ['new', 'working', 'qualified', 'converted', 'rejected'];

/** All leads of a channel, in the work lists of everybody who sells. */
export async function leadsOf(journey: Journey, channel: string): Promise<LeadWork[]> {
  const users = good(await journey.admin<Page<{ id: string; roles: string[] }>>('GET /api/users?limit=100')).body.items;
  const sellers = users.filter(({ roles }) => roles.includes('seller'));
  const lists = await Promise.all(
    sellers.flatMap(({ id }) => STATES.map((state) => workList(journey, `owner=${id}&state=${state}`))),
  );
  return lists.flat().filter((work) => work.channel === channel);
}

async function workList(journey: Journey, query: string): Promise<LeadWork[]> {
  const all: LeadWork[] = [];
  let cursor: string | undefined;
  do {
    const more = cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const { body } = good(await journey.admin<Page<LeadWork>>(`GET /api/leads?limit=100&${query}${more}`));
    all.push(...body.items);
    cursor = body.cursor;
  } while (cursor !== undefined);
  return all;
}

/** The lead that a request became. @throws Error when it became none */
export async function leadOf(
  journey: Journey,
  rawId: string,
): Promise<{ lead: Lead; work: LeadWork; version: number }> {
  const raw = await requestOf(journey, rawId);
  if (raw.leadId === undefined) throw new Error(`${rawId} is ${raw.state}: ${raw.reason ?? 'no reason'}`);
  const lead = good(await journey.head<Lead>(`GET /api/leads/${raw.leadId}`));
  const work = good(await journey.head<LeadWork>(`GET /api/leads/${raw.leadId}/work`));
  return { lead: lead.body, work: work.body, version: lead.version ?? 0 };
}

/** Posts a form, waits, and answers the lead it became. */
export async function captured(journey: Journey, form: string, body: Record<string, unknown>) {
  const { id } = good(await post(journey, form, body)).body;
  await journey.control.settle();
  return leadOf(journey, id);
}

type NewLine = { productId?: string; name?: string; quantity: string; price?: string; discount?: string };

/** A private client of a seller, by way of a lead. */
export async function newClient(journey: Journey, by: Person, form: string): Promise<string> {
  const { lead, version } = await captured(journey, form, {
    name: unique('Клиент'),
    phone: '',
    email: `${unique('c')}@client.example`,
  });
  const body = { client: { kind: 'person' } };
  const converted = good(await by<Lead>(`POST /api/leads/${lead.id}/convert`, { ifMatch: version, body }));
  return converted.body.clientId ?? '';
}

/** A deal with a client there is; a pump at 18 % discount, which needs an approval, unless said otherwise. */
export async function newDeal(by: Person, clientId: string, change: Record<string, unknown> = {}): Promise<Got<Deal>> {
  const lines: NewLine[] = [{ productId: PUMP, quantity: '1', discount: '18' }];
  return good(
    await by<Deal>('POST /api/deals', {
      body: { typeId: 'quick', name: unique('Сделка'), clientId, lines, ...change },
    }),
  );
}

export const dealOf = async (by: Person, id: string): Promise<Got<Deal>> =>
  good(await by<Deal>(`GET /api/deals/${id}`));
export const approvalOf = async (by: Person, id: string | undefined): Promise<Got<Approval>> =>
  good(await by<Approval>(`GET /api/approvals/${id ?? ''}`));
export const storyOf = async (by: Person, id: string): Promise<Story> =>
  good(await by<Story>(`GET /api/stories/${id}`)).body;
/** The letters of a record as the API tells of them, the newest first. */
export const lettersOf = async (by: Person, recordId: string): Promise<Letter[]> =>
  good(await by<Page<Letter>>(`GET /api/records/${recordId}/letters`)).body.items;

/** The deciding link in somebody's newest letter about a deal. @throws Error when there is none */
export async function linkFor(journey: Journey, to: string, deal: Pick<Deal, 'name'>): Promise<string> {
  const [letter] = await journey.mail(to, deal.name);
  const link = letter?.links.find((one) => one.includes('/public/decisions/'));
  if (link === undefined) throw new Error(`${to} has no letter with a link about ${deal.name}.`);
  return link;
}

/** Presses a button on the page behind a link. */
export async function press(link: string, decision: 'approve' | 'refuse', comment = '') {
  const answer = await fetch(link, { method: 'POST', body: new URLSearchParams({ decision, comment }) });
  return { status: answer.status, page: await answer.text() };
}
