import * as z from 'zod';
import type { Person } from '#functions/clients/person.ts';
import { people } from '#functions/clients/store.ts';
import { commit } from '#shared/command.ts';
import { refuse } from '#shared/errors.ts';
import { Event } from '#shared/events.ts';
import { route } from '#shared/http/route.ts';
import { Job, startJob } from '#shared/jobs.ts';
import { Text } from '#shared/text.ts';
import { Erasure, erasures, ErasureStarted, Kept, KEPT_ALWAYS } from './erasure.ts';
import { PERSON_DATA } from './job-name.ts';
import { allOf, exported } from './person-export.ts';

/** An answer of a function holds 6 MB; more than this is made a file. */
const MAX_BYTES = 4_000_000;

/** @throws 409 for somebody whose data cannot be erased as he is now */
function mustBeErasable(person: Person): void {
  const not = (state: string, why: string) => refuse('wrong_state', { what: 'The person', state, why });
  if (person.mergedInto !== undefined) throw not('merged', `he is ${person.mergedInto} now: erase that one`);
  if (person.erasedAt !== undefined) throw not('erased', `it was done on ${person.erasedAt}`);
}

const Plan = z.object({
  erases: z.record(z.string(), z.array(z.string())),
  keeps: z.array(Kept),
});

export const personDataRoutes = [
  route(
    'GET /people/{id}/data',
    {
      summary: 'Everything we have about a person: records, requests, letters, old values, history',
      rights: 'person.export',
      of: people,
      returns: z.object({
        personId: z.string(),
        data: z.record(z.string(), z.array(z.unknown())),
        events: z.array(Event),
      }),
    },
    async ({ params }) => {
      const all = await exported(params.id);
      if (Buffer.byteLength(JSON.stringify(all)) > MAX_BYTES) throw refuse('too_large', { max: MAX_BYTES });
      return all;
    },
  ),

  route(
    'POST /people/{id}/data',
    {
      summary: 'The same as a file, by a job: GET /jobs/{id}/files/result',
      rights: 'person.export',
      of: people,
      returns: Job,
      status: 202,
    },
    async ({ params, user, now, newId }) => {
      const by = { id: newId('job'), userId: user.id, keyId: user.key?.id, now };
      return commit(async () => {
        const { write, event } = startJob(PERSON_DATA, { personId: params.id }, by);
        return { writes: [write], events: [event], answer: write };
      });
    },
  ),

  route(
    'POST /people/{id}/erase/preview',
    {
      summary: 'What erasing the data of a person would empty, by kind, and what it would keep and why',
      rights: 'person.erase',
      repeatable: true,
      of: people,
      returns: Plan,
    },
    async ({ params, record }) => {
      mustBeErasable(record);
      const { held } = await allOf(params.id);
      const erases = Map.groupBy(
        held.filter(({ empty }) => empty),
        ({ kind }) => kind,
      );
      const keeps = held.flatMap(({ kind, id, kept: why }) => (why === undefined ? [] : [{ kind, id, why }]));
      return {
        erases: Object.fromEntries([...erases].map(([kind, all]) => [kind, all.map(({ id }) => id)])),
        keeps: [...keeps, ...KEPT_ALWAYS],
      };
    },
  ),

  route(
    'POST /people/{id}/erase',
    {
      summary: 'Erases the data of a person, once and for good: see what goes by the preview first',
      rights: 'person.erase',
      of: people,
      body: z.object({ reason: Text(500).min(1) }),
      returns: Erasure,
      status: 202,
    },
    async ({ params, body, user, now, newId }) => {
      const [id, jobId] = [newId('erasure'), newId('job')];
      return commit(async (read) => {
        const person = await read.need(people, { id: params.id });
        mustBeErasable(person);
        const before = person.erasureId === undefined ? undefined : await read.get(erasures, { id: person.erasureId });
        if (before) return { answer: erasures.asIs(before) };
        const write = erasures.create({
          id,
          version: 1,
          personId: person.id,
          reason: body.reason,
          state: 'running',
          erased: {},
          kept: [...KEPT_ALWAYS],
          jobId,
          userId: user.id,
          at: now,
        });
        const job = startJob('erasure', { erasureId: id }, { id: jobId, userId: user.id, now });
        const marked = people.save(person, { erasureId: id });
        return {
          writes: [write, marked, job.write],
          events: [ErasureStarted.of(write, { personId: person.id }), job.event],
          answer: write,
        };
      });
    },
  ),

  route(
    'GET /erasures/{id}',
    {
      summary: 'How far an erasure is, what it emptied and what it kept',
      rights: 'person.erase',
      of: erasures,
      returns: Erasure,
    },
    async ({ record }) => record,
  ),
];
