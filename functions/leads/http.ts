import * as z from 'zod';
import { ownerAsked } from '#functions/auth/rights.ts';
import { fieldSetInForce } from '#functions/settings/custom.ts';
import { missingCustom, type FieldSet } from '#functions/settings/field-set.ts';
import { needInForce } from '#functions/settings/store.ts';
import { commit } from '#shared/command.ts';
import { refuse } from '#shared/errors.ts';
import { Id } from '#shared/id.ts';
import { Paged, PageQuery, pageOf } from '#shared/http/page.ts';
import { route } from '#shared/http/route.ts';
import { notArchived } from '#shared/record-kind.ts';
import { list, need } from '#shared/table/read.ts';
import { stillAt } from '#shared/stale.ts';
import { Instant } from '#shared/time.ts';
import { DEFAULT_LEAD_TYPE, leadTypeKind, type LeadType } from './lead-type.ts';
import {
  Answers,
  isOpen,
  Lead,
  LeadChange,
  LeadContacted,
  LeadPlanned,
  LeadQualified,
  LeadRejected,
  LeadWorkState,
  LeadWork,
  NewLead,
  NextAction,
} from './lead.ts';
import { postponeRoutes } from './postpone-http.ts';
import { leadRecord } from './record.ts';
import { leads, leadWorks } from './store.ts';
import { workStateOf } from './work.ts';

const Works = Paged(LeadWork);

function mustBeOpen(lead: Lead): void {
  notArchived('The lead', lead);
  if (!isOpen(lead)) throw refuse('wrong_state', { what: 'The lead', state: lead.state, why: 'it is closed' });
}

/** @throws 409 with every question and field that a qualified lead must have and this one lacks */
function mustHave(type: LeadType, fields: FieldSet, answers: Lead['answers'], { custom }: Lead): void {
  const questions = type.questions.filter(({ id, required }) => required && !answers[id]).map(({ id }) => id);
  const own = missingCustom(fields, custom, { state: 'qualified' });
  const missing = [...questions, ...own.map((id) => `custom.${id}`)];
  if (missing.length === 0) return;
  const faultOf = (place: string, id: string) => ({
    pointer: `/${place}/${id}`,
    code: 'required',
    detail: `A qualified lead needs ${place}.${id}.`,
  });
  throw refuse('fields_missing', { stage: 'qualified', fields: missing.join(', ') }, [
    ...questions.map((id) => faultOf('answers', id)),
    ...own.map((id) => faultOf('custom', id)),
  ]);
}

export const leadRoutes = [
  route(
    'GET /leads/{id}',
    { summary: 'A lead', rights: 'lead.read', of: leads, returns: Lead },
    async ({ record }) => record,
  ),

  route(
    'POST /leads',
    {
      summary:
        'Enters a lead by hand: its person is recognised by e-mail or phone, it is scored and gets a next action',
      rights: 'lead.change',
      body: NewLead,
      returns: Lead,
      status: 201,
    },
    async (asked) => commit((read) => leadRecord.create(read, asked.body, asked)),
  ),

  route(
    'PUT /leads/{id}',
    {
      summary:
        'Changes a lead: what is known of it, own fields, owner; null takes a value away, archived puts it away or back',
      rights: 'lead.change',
      of: leads,
      ifMatch: true,
      body: LeadChange,
      returns: Lead,
    },
    async (asked) =>
      commit(async (read) => {
        const lead = await read.need(leads, { id: asked.params.id });
        await stillAt(lead.id, lead.version, asked.ifMatch);
        return leadRecord.change(read, lead, asked.body, asked);
      }),
  ),

  route(
    'GET /leads/{id}/work',
    {
      summary: 'The work on a lead: next action, score with every component',
      rights: 'lead.read',
      of: leads,
      returns: LeadWork,
    },
    async ({ params }) => need(leadWorks, { id: params.id }),
  ),

  route(
    'GET /leads',
    {
      summary: 'The work list: leads of an owner (mine unless said) in a state by next action',
      rights: 'lead.read',
      query: z.object({ owner: Id('user').optional(), state: LeadWorkState.optional(), ...PageQuery.shape }),
      returns: Works,
    },
    async ({ query, user }) =>
      list(
        leadWorks,
        'gsi1',
        { ownerId: ownerAsked(user, 'lead.read', query.owner), state: query.state ?? 'new' },
        pageOf(query),
      ),
  ),

  route(
    'POST /leads/{id}/contact',
    {
      summary: 'Notes the first direct contact',
      rights: 'lead.change',
      of: leads,
      ifMatch: true,
      body: z.object({ how: z.enum(['call', 'letter', 'meeting']) }),
      returns: Lead,
    },
    async ({ params, body, now, ifMatch }) =>
      commit(async (read) => {
        const lead = await read.need(leads, { id: params.id });
        await stillAt(lead.id, lead.version, ifMatch);
        mustBeOpen(lead);
        const work = await read.need(leadWorks, { id: params.id });
        const write = leads.save(lead, {
          state: lead.state === 'new' ? 'working' : lead.state,
          firstContactAt: lead.firstContactAt ?? now,
        });
        return {
          writes: [write, leadWorks.save(work, { state: workStateOf(write.item), lastActionAt: now })],
          events: [LeadContacted.of(write, body)],
          answer: write,
        };
      }),
  ),

  route(
    'POST /leads/{id}/qualify',
    {
      summary: 'Qualifies a lead: every required question of its type is answered',
      rights: 'lead.change',
      of: leads,
      ifMatch: true,
      body: z.object({ answers: Answers }),
      returns: Lead,
    },
    async ({ params, body, now, ifMatch }) => {
      const { body: type } = await needInForce(leadTypeKind, DEFAULT_LEAD_TYPE);
      const fields = await fieldSetInForce('lead');
      return commit(async (read) => {
        const lead = await read.need(leads, { id: params.id });
        await stillAt(lead.id, lead.version, ifMatch);
        mustBeOpen(lead);
        const answers = { ...lead.answers, ...body.answers };
        mustHave(type, fields, answers, lead);
        const work = await read.need(leadWorks, { id: params.id });
        const write = leads.save(lead, {
          answers,
          state: 'qualified',
          qualifiedAt: lead.qualifiedAt ?? now,
          firstContactAt: lead.firstContactAt ?? now,
        });
        return {
          writes: [write, leadWorks.save(work, { state: workStateOf(write.item), lastActionAt: now })],
          events: [LeadQualified.of(write, {})],
          answer: write,
        };
      });
    },
  ),

  route(
    'POST /leads/{id}/reject',
    {
      summary: 'Rejects a lead for a reason from the list',
      rights: 'lead.change',
      of: leads,
      ifMatch: true,
      body: z.object({ reason: z.string().max(40) }),
      returns: Lead,
    },
    async ({ params, body, now, ifMatch }) => {
      const { body: type } = await needInForce(leadTypeKind, DEFAULT_LEAD_TYPE);
      const reasons = type.rejectReasons.map(({ id }) => id);
      if (!reasons.includes(body.reason))
        throw refuse('invalid', {}, [
          { pointer: '/body/reason', code: 'invalid_value', detail: `One of: ${reasons.join(', ')}` },
        ]);
      return commit(async (read) => {
        const lead = await read.need(leads, { id: params.id });
        await stillAt(lead.id, lead.version, ifMatch);
        mustBeOpen(lead);
        const work = await read.need(leadWorks, { id: params.id });
        const write = leads.save(lead, { state: 'rejected', reason: body.reason });
        return {
          writes: [write, leadWorks.save(work, { state: 'rejected', nextAt: now, next: undefined })],
          events: [LeadRejected.of(write, body)],
          answer: write,
        };
      });
    },
  ),

  route(
    'POST /leads/{id}/owner',
    {
      summary: 'Gives a lead to somebody else',
      rights: 'lead.change',
      of: leads,
      ifMatch: true,
      body: z.object({ ownerId: Id('user') }),
      returns: Lead,
    },
    async (asked) =>
      commit(async (read) => {
        const lead = await read.need(leads, { id: asked.params.id });
        await stillAt(lead.id, lead.version, asked.ifMatch);
        return leadRecord.change(read, lead, asked.body, asked);
      }),
  ),

  route(
    'PUT /leads/{id}/next',
    {
      summary: 'Sets what is to be done next and when',
      rights: 'lead.change',
      of: leads,
      body: z.object({ at: Instant, next: NextAction }),
      returns: LeadWork,
    },
    async ({ params, body }) =>
      commit(async (read) => {
        const lead = await read.need(leads, { id: params.id });
        mustBeOpen(lead);
        const work = await read.need(leadWorks, { id: params.id });
        const write = leadWorks.save(work, {
          nextAt: body.at,
          next: body.next,
          planned: true,
          nextActivityId: undefined,
        });
        return { writes: [write], events: [LeadPlanned.of(write, { nextAt: body.at })], answer: write };
      }),
  ),

  ...postponeRoutes,
];
