import * as z from 'zod';
import { commit } from '#shared/command.ts';
import { Paged, PageQuery, pageOf } from '#shared/http/page.ts';
import { route } from '#shared/http/route.ts';
import { anyRecord } from '#shared/owner.ts';
import { list, listWhole, reader } from '#shared/table/read.ts';
import { childrenOf } from './merge-child.ts';
import { Merge, MergeRow, mergeRows, merges } from './merge.ts';
import { combinedOf, merging, recordsFor } from './merging.ts';
import { unmerging } from './merge-undo.ts';

const RecordId = z.string().regex(/^(person|client)_[0-7][0-9A-HJKMNP-TV-Z]{25}$/, {
  error: 'must be the id of a person or a client',
});
const Asked = z.object({
  survivor: RecordId,
  others: z.array(RecordId).min(1).max(2),
  /** By field, the record whose value is kept; the survivor's unless said. */
  choose: z.record(z.string().max(60), RecordId).optional(),
});
const Preview = z.object({
  survivor: z.string(),
  others: z.array(z.string()),
  fields: z.array(
    z.object({
      field: z.string(),
      values: z.array(z.object({ recordId: z.string(), value: z.unknown().optional() })),
      result: z.unknown().optional(),
      from: z.string(),
    }),
  ),
  /** What moves to the survivor, by kind. */
  moves: z.array(z.object({ kind: z.string(), from: z.string(), count: z.int() })),
});

export const mergeRoutes = [
  route(
    'POST /merges/preview',
    {
      summary: 'What becomes of two or three people or clients when they are made one: field by field, and what moves',
      rights: 'client.change',
      repeatable: true,
      body: Asked,
      returns: Preview,
    },
    async ({ body, user }) => {
      const records = await recordsFor(reader, body, user);
      const { outcomes } = combinedOf(records, body.choose ?? {});
      const counted = childrenOf(records.kind).flatMap((child) =>
        body.others.map(async (from) => ({ kind: child.kind, from, count: (await child.list(from)).length })),
      );
      const moves = (await Promise.all(counted)).filter(({ count }) => count > 0);
      return { survivor: body.survivor, others: body.others, fields: outcomes, moves };
    },
  ),

  route(
    'POST /merges',
    {
      summary:
        'Makes two or three people or clients one: the others go into the survivor at once, what belongs to them follows by a job',
      rights: 'client.change',
      body: Asked,
      returns: Merge,
      status: 201,
    },
    async ({ body, user, now, newId }) =>
      commit(merging(body, { user, now, mergeId: newId('merge'), jobId: newId('job') })),
  ),

  route(
    'GET /merges/{id}',
    {
      summary: 'A merge, how far it is, and what an undo could not bring back',
      rights: 'client.read',
      of: merges,
      returns: Merge,
    },
    async ({ record }) => record,
  ),

  route(
    'GET /merges/{id}/rows',
    {
      summary: 'What a merge moved from one of the records that went in, and whether it came back',
      rights: 'client.read',
      of: merges,
      query: z.object({ from: RecordId, ...PageQuery.shape }),
      returns: Paged(MergeRow.omit({ before: true })),
    },
    async ({ params, query }) => list(mergeRows, 'item', { mergeId: params.id, from: query.from }, pageOf(query)),
  ),

  route(
    'POST /merges/{id}/undo',
    {
      summary:
        'Makes the records themselves again with what was theirs; what cannot come back is listed with the reason',
      rights: 'client.change',
      of: merges,
      returns: Merge,
      status: 202,
    },
    async ({ params, user, now, newId }) => commit(unmerging(params.id, { userId: user.id, now, jobId: newId('job') })),
  ),

  route(
    'GET /records/{id}/merges',
    {
      summary: 'What went into a person or client, the newest first',
      rights: 'client.read',
      of: anyRecord,
      query: PageQuery,
      returns: Paged(Merge),
    },
    async ({ params, query }) =>
      listWhole(merges, 'gsi2', { survivorId: params.id }, { ...pageOf(query), descending: true }),
  ),
];
