import { needInForce } from '#functions/settings/store.ts';
import { commit } from '#shared/command.ts';
import { setDue } from '#shared/due.ts';
import { refuse } from '#shared/errors.ts';
import { route } from '#shared/http/route.ts';
import { notArchived } from '#shared/record-kind.ts';
import { stillAt } from '#shared/stale.ts';
import { DEFAULT_LEAD_TYPE, leadTypeKind } from './lead-type.ts';
import { isOpen, Lead, Postponement } from './lead.ts';
import { LEAD_RETURN, postponed, returned } from './postpone.ts';
import { leads } from './store.ts';

function mustBeOpen(lead: Lead): void {
  notArchived('The lead', lead);
  if (!isOpen(lead)) throw refuse('wrong_state', { what: 'The lead', state: lead.state, why: 'it is closed' });
}

export const postponeRoutes = [
  route(
    'POST /leads/{id}/postpone',
    {
      summary:
        'Puts a lead off to a day for a reason from the list: it leaves the work lists and comes back on that day with a task',
      rights: 'lead.change',
      of: leads,
      ifMatch: true,
      body: Postponement,
      returns: Lead,
    },
    async ({ params, body, now, ifMatch }) => {
      const { body: type } = await needInForce(leadTypeKind, DEFAULT_LEAD_TYPE);
      const reasons = type.postponeReasons.map(({ id }) => id);
      if (!reasons.includes(body.reason)) {
        const detail = `One of: ${reasons.join(', ')}`;
        throw refuse('invalid', {}, [{ pointer: '/body/reason', code: 'invalid_value', detail }]);
      }
      return commit(async (read) => {
        const lead = await read.need(leads, { id: params.id });
        await stillAt(lead.id, lead.version, ifMatch);
        mustBeOpen(lead);
        return postponed(read, lead, body, now);
      });
    },
  ),

  route(
    'POST /leads/{id}/resume',
    {
      summary: 'Brings a postponed lead back before its day',
      rights: 'lead.change',
      of: leads,
      ifMatch: true,
      returns: Lead,
    },
    async (asked) =>
      commit(async (read) => {
        const lead = await read.need(leads, { id: asked.params.id });
        await stillAt(lead.id, lead.version, asked.ifMatch);
        mustBeOpen(lead);
        if (lead.postponedUntil === undefined)
          throw refuse('wrong_state', { what: 'The lead', state: lead.state, why: 'it is not postponed' });
        const back = await returned(read, lead, true, asked);
        const due = await setDue(read, { kind: LEAD_RETURN, recordId: lead.id, at: undefined });
        return { ...back, writes: [...(back.writes ?? []), ...due] };
      }),
  ),
];
