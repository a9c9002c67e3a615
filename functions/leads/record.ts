import { identities, users } from '#functions/auth/store.ts';
import { channelKind } from '#functions/marketing/channel.ts';
import { checkedCustom } from '#functions/settings/custom.ts';
import { inForce } from '#functions/settings/store.ts';
import { normaliseEmail } from '#shared/email.ts';
import { refuse } from '#shared/errors.ts';
import type { NewEvent } from '#shared/events.ts';
import { newsOf, type Edited, type Editing, type RecordKind } from '#shared/record-kind.ts';
import { listWhole, type Read } from '#shared/table/read.ts';
import { learning } from './contact.ts';
import { isOpen, Lead, LeadAssigned, LeadChange, LeadChanged, NewLead } from './lead.ts';
import { openedLead } from './open.ts';
import { scoringKind } from './scoring.ts';
import { leads, leadWorks } from './store.ts';
import { scored, workView } from './work.ts';

/** The source of leads that people enter themselves. */
const BY_HAND = 'manual';

/** Numbers of the world's plans are heavy: loaded when one is typed. */
async function phoneOf(typed: string | null | undefined): Promise<string | undefined> {
  if (typed === undefined || typed === null) return undefined;
  const { normalisePhone } = await import('#shared/phone.ts');
  const phone = normalisePhone(typed);
  if (phone !== undefined) return phone;
  throw refuse('invalid', {}, [{ pointer: '/body/phone', code: 'invalid_format', detail: 'This is no phone number.' }]);
}

async function mustBeChannel(id: string | undefined): Promise<void> {
  const channel = id === undefined ? undefined : await inForce(channelKind, id);
  if (id === undefined || (channel && !channel.archived)) return;
  const detail = `There is no channel ${id} to choose: see GET /api/settings/channels.`;
  throw refuse('invalid', {}, [{ pointer: '/body/channel', code: 'not_found', detail }]);
}

/** Somebody who works here now. @throws 404 otherwise */
async function activeOwner(read: Read, id: string) {
  const user = await read.get(users, { id });
  if (!user?.active) throw refuse('not_found', { what: 'user', id });
  return { ownerId: user.id, teamId: user.teamId };
}

async function create(read: Read, input: NewLead, { user, now, newId }: Editing): Promise<Edited> {
  const { name, email, company, channel, ownerId = user.id } = input;
  const phone = await phoneOf(input.phone);
  if ((name ?? company ?? email ?? phone) === undefined) {
    const detail = 'Give a name, company, email or phone: something to know the lead by.';
    throw refuse('invalid', {}, [{ pointer: '/body', code: 'required', detail }]);
  }
  await mustBeChannel(channel);
  const arrival = {
    id: newId('lead'),
    sourceId: BY_HAND,
    channel: channel ?? BY_HAND,
    contact: { name, email, phone },
    company,
    message: input.message,
    answers: input.answers ?? {},
    locale: input.locale ?? 'ru',
    custom: await checkedCustom('lead', input.custom ?? {}, undefined, { state: 'new' }),
    ...(await activeOwner(read, ownerId)),
  };
  const fresh = { id: newId('person'), storyId: newId('story') };
  return { ...(await openedLead(read, arrival, fresh, now)), status: 201 };
}

/** Facts that scoring rules may speak of. */
const SCORED: readonly (keyof Lead)[] = ['name', 'email', 'phone', 'company', 'message', 'locale', 'channel', 'custom'];

async function change(read: Read, before: Lead, input: LeadChange, editing: Editing): Promise<Edited> {
  await mustBeChannel(input.channel);
  const owner = input.ownerId === undefined ? undefined : await activeOwner(read, input.ownerId);
  const given = {
    ...input,
    ...(owner && { ownerId: owner.ownerId, teamId: owner.teamId ?? null }),
    ...(input.phone != null && { phone: await phoneOf(input.phone) }),
    ...(input.custom && { custom: (await checkedCustom('lead', input.custom, before.custom ?? {}, before)) ?? null }),
  };
  const news = newsOf(before, given, editing.now);
  if (!news) return { answer: leads.asIs(before) };
  const { person, learnt } = await learning(read, before, news, editing);
  const write = leads.save(before, { ...news, ...(news.email !== undefined && { wrongEmail: undefined }) });
  const work = await read.need(leadWorks, { id: before.id });
  const known = person !== undefined && person.createdAt < before.capturedAt;
  const score = SCORED.some((field) => field in news)
    ? await scored(write.item, await inForce(scoringKind, 'lead'), known)
    : {};
  const { ownerId: _owner, teamId: _team, ...others } = news;
  // Given to its own owner again, a lead follows him to another team.
  const assigned = 'ownerId' in news || 'teamId' in news;
  const events: NewEvent[] = [
    ...(assigned ? [LeadAssigned.of(write, { from: before.ownerId, to: write.item.ownerId })] : []),
    ...(Object.keys(others).length === 0 ? [] : [LeadChanged.of(write, {})]),
  ];
  return {
    ...learnt,
    writes: [write, leadWorks.save(work, { ...workView(write.item), ...score }), ...(learnt.writes ?? [])],
    events: [...events, ...(learnt.events ?? [])],
    answer: write,
  };
}

/** The newest lead of the person with this address that is not closed: closed ones are history. */
async function find(read: Read, field: string, value: string): Promise<string | undefined> {
  const known = field === 'email' ? normaliseEmail(value) : await phoneOf(value);
  const identity = known === undefined ? undefined : await read.get(identities, { kind: field, value: known });
  if (!identity) return undefined;
  const { items } = await listWhole(
    leads,
    'gsi2',
    { personId: identity.owner, id: 'lead_' },
    { descending: true, limit: 20 },
  );
  return items.find((lead) => isOpen(lead) && lead.archivedAt === undefined)?.id;
}

export const leadRecord: RecordKind<Lead, NewLead, LeadChange> = {
  kind: 'lead',
  right: 'lead.change',
  New: NewLead,
  Change: LeadChange,
  create,
  change,
  get: (read, id) => read.get(leads, { id }),
  matches: ['email', 'phone'],
  find,
};
