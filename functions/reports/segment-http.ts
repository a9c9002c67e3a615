import * as z from 'zod';
import { commit } from '#shared/command.ts';
import { refuse } from '#shared/errors.ts';
import { Paged, PageQuery, pageOf } from '#shared/http/page.ts';
import { route } from '#shared/http/route.ts';
import { stillAt } from '#shared/stale.ts';
import { list, listWhole, need } from '#shared/table/read.ts';
import { NewSegment, Segment, SegmentChange, SegmentMember, SegmentSaved } from './segment.ts';
import { moved, segmentMembers, segments } from './segment-store.ts';

/** The database and the language of filters: loaded with the first segment. */
const reading = () => import('./segment-read.ts');
const Counted = z.object({ count: z.int(), sample: z.array(z.object({ id: z.string(), title: z.string() })) });
const Ids = z.object({ ids: z.array(z.string().min(1).max(60)).min(1).max(40) });

function mustBeFixed(segment: Segment): void {
  if (segment.kind !== 'fixed')
    throw refuse('wrong_state', { what: 'The segment', state: 'a rule', why: 'its filter says who is in it' });
}

/** Puts records into a fixed segment, or takes them out, all in one transaction. */
const moving = (state: 'in' | 'out') => {
  const into = state === 'in';
  return route(
    into ? 'POST /segments/{id}/members' : 'POST /segments/{id}/members/remove',
    {
      summary: into ? 'Puts records into a fixed segment' : 'Takes records out of a fixed segment',
      rights: 'segment.change',
      body: Ids,
      returns: Segment,
    },
    async ({ params, body, user, now }) => {
      const segment = await need(segments, { id: params.id });
      mustBeFixed(segment);
      if (into) await (await reading()).mustBeThere(segment.list, body.ids, user, now);
      return commit(async (read) => {
        const because = into ? [`user:${user.id}`] : [];
        const moves = [...new Set(body.ids)].map((recordId) => ({ segmentId: segment.id, recordId, state, because }));
        const made = await Promise.all(moves.map((move) => moved(read, move, now)));
        return {
          writes: made.flatMap((one) => one?.writes ?? []),
          events: made.flatMap((one) => one?.events ?? []),
          answer: segments.asIs(segment),
        };
      });
    },
  );
};

export const segmentRoutes = [
  route(
    'GET /segments',
    {
      summary: 'Segments in use, of one list if said',
      rights: 'segment.read',
      query: z.object({ list: z.string().max(40).optional(), ...PageQuery.shape }),
      returns: Paged(Segment),
    },
    async ({ query: { list: of, ...page } }) => {
      const found = await listWhole(segments, 'gsi2', { shelf: 'use' }, pageOf(page));
      return { ...found, items: found.items.filter((one) => of === undefined || one.list === of) };
    },
  ),

  route(
    'POST /segments/preview',
    {
      summary: 'How many records a filter lets through, and the newest five of them, before it is kept as a segment',
      rights: 'segment.read',
      repeatable: true,
      body: z.object({ list: z.string().max(40), filter: z.string().max(4000) }),
      returns: Counted,
    },
    async ({ body, user, now }) => (await reading()).preview(body.list, body.filter, user, now),
  ),

  route('GET /segments/{id}', { summary: 'A segment', rights: 'segment.read', returns: Segment }, async ({ params }) =>
    need(segments, { id: params.id }),
  ),

  route(
    'GET /segments/{id}/count',
    { summary: 'How many records I may see are in it now', rights: 'segment.read', returns: Counted },
    async ({ params, user, now }) => {
      const segment = await need(segments, { id: params.id });
      return (await reading()).preview(segment.list, `inSegment("${segment.id}")`, user, now);
    },
  ),

  route(
    'POST /segments',
    {
      summary: 'Makes a segment of a list: fixed, or by a rule in the language of filters',
      rights: 'segment.change',
      body: NewSegment,
      returns: Segment,
      status: 201,
    },
    async ({ body, user, now, newId }) => {
      await (await import('./list.ts')).checkRule(body.list, body.filter, user, now);
      const write = segments.create({
        ...body,
        id: newId('segment'),
        version: 1,
        ownerId: user.id,
        createdAt: now,
        shelf: 'use',
      });
      const { list: of, kind } = body;
      return commit(async () => ({
        writes: [write],
        events: [SegmentSaved.of(write, { list: of, kind })],
        answer: write,
      }));
    },
  ),

  route(
    'PUT /segments/{id}',
    {
      summary: 'Changes a segment or its rule, or puts it away',
      rights: 'segment.change',
      ifMatch: true,
      body: SegmentChange,
      returns: Segment,
    },
    async ({ params, body, user, now, ifMatch }) =>
      commit(async (read) => {
        const segment = await read.need(segments, { id: params.id });
        await stillAt(segment.id, segment.version, ifMatch);
        if (body.filter !== undefined && segment.kind === 'fixed')
          throw refuse('wrong_state', { what: 'The segment', state: 'fixed', why: 'it has no filter' });
        await (await import('./list.ts')).checkRule(segment.list, body.filter, user, now);
        const { name = segment.name, description = segment.description, filter = segment.filter, archived } = body;
        const archivedAt = archived === undefined ? segment.archivedAt : archived ? now : undefined;
        const shelf = archivedAt === undefined ? ('use' as const) : undefined;
        const write = segments.save(segment, { name, description, filter, archivedAt, shelf });
        const { list: of, kind } = segment;
        return { writes: [write], events: [SegmentSaved.of(write, { list: of, kind })], answer: write };
      }),
  ),

  moving('in'),
  moving('out'),

  route(
    'GET /segments/{id}/members',
    {
      summary: 'Who was noted as in a segment: since when, and because of which parts of its rule (noted every minute)',
      rights: 'segment.read',
      query: PageQuery,
      returns: Paged(SegmentMember),
    },
    async ({ params, query }) => list(segmentMembers, 'item', { segmentId: params.id }, pageOf(query)),
  ),

  route(
    'GET /segments/of/{recordId}',
    {
      summary: 'The segments a record is in at this moment, and because of which parts of each rule',
      rights: 'segment.read',
      returns: z.object({
        items: z.array(z.object({ id: z.string(), name: z.string(), kind: z.string(), because: z.array(z.string()) })),
      }),
    },
    async ({ params, user, now }) => ({ items: await (await reading()).segmentsOf(params.recordId, user, now) }),
  ),
];
