import * as z from 'zod';
import { needInForce } from '#functions/settings/store.ts';
import { commit } from '#shared/command.ts';
import { refuse } from '#shared/errors.ts';
import { accept } from '#shared/http/problem.ts';
import { publicRoute, Reply } from '#shared/http/route.ts';
import { parseJson } from '#shared/json.ts';
import { cors, withinRate } from './door.ts';
import { formKind } from './form.ts';
import { visits } from './store.ts';
import { bareAddress, NewVisit, VisitRecorded, visitorStory } from './visit.ts';

const LIMITS = { maxDepth: 3, maxNodes: 100 };

export const visitPublic = [
  publicRoute(
    'POST /forms/{formId}/touches',
    {
      summary:
        'Keeps where a visitor came from, for a form that allows it; JSON {visitor, page, referrer, campaign} as text, so that browsers need not ask first',
      consumes: ['text/plain'],
      returns: z.undefined(),
      status: 204,
    },
    async (call) => {
      const { formId } = call.params;
      const { body: form } = await needInForce(formKind, formId);
      if (!form.track)
        throw refuse('wrong_state', { what: 'The form', state: 'not tracking', why: 'it allows no visits' });
      await withinRate(`touch.${formId}`, form.limitPerMinute, call);
      const origin = call.header('origin');
      const headers = cors(form, origin);
      if (origin !== undefined && headers['access-control-allow-origin'] === undefined)
        throw refuse('forbidden', { right: `a page of ${origin.slice(0, 200)}` });
      const read = parseJson(call.rawBody.toString('utf8'), LIMITS);
      const { visitor, page, referrer, campaign } = accept(
        NewVisit,
        read.ok ? read.value : undefined,
        'body',
        call.locale,
      );
      const write = visits.create({
        id: call.newId('visit'),
        version: 1,
        storyId: visitorStory(visitor),
        formId,
        channel: form.channel,
        at: call.now,
        page: bareAddress(page),
        referrer: bareAddress(referrer),
        campaign,
      });
      const told = VisitRecorded.of(write, { formId, channel: form.channel });
      await call.perform(commit(async () => ({ writes: [write], events: [told] })));
      return new Reply(204, '', headers);
    },
  ),
];
