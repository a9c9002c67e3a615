import * as z from 'zod';
import { commit } from '#shared/command.ts';
import { Paged, PageQuery, pageOf } from '#shared/http/page.ts';
import { route } from '#shared/http/route.ts';
import { anyRecord } from '#shared/owner.ts';
import { listWhole } from '#shared/table/read.ts';
import { Text } from '#shared/text.ts';
import { Approval, Decision } from './approval.ts';
import { decideAs } from './decide.ts';
import { approvals } from './store.ts';

/** Who asked and who is asked see an approval whoever owns what it is about. */
const isParty = ({ askedBy, approvers }: Approval, { id }: { id: string }): boolean =>
  askedBy.id === id || approvers.some((one) => one.id === id);

export const approvalRoutes = [
  route(
    'GET /approvals/{id}',
    {
      summary: 'An approval: what was asked, of whom, and what he said',
      rights: 'approval.read',
      of: approvals,
      party: isParty,
      returns: Approval,
    },
    async ({ record }) => record,
  ),

  route(
    'GET /records/{id}/approvals',
    {
      summary: 'The approvals of a record, the newest first',
      rights: 'approval.read',
      of: anyRecord,
      query: PageQuery,
      returns: Paged(Approval),
    },
    async ({ params, query }) =>
      listWhole(approvals, 'gsi2', { subjectId: params.id }, { ...pageOf(query), descending: true }),
  ),

  route(
    'POST /approvals/{id}/decision',
    {
      summary: 'An approver decides without the letter',
      rights: 'approval.decide',
      of: approvals,
      party: isParty,
      body: z.object({ ...Decision.shape, comment: Text(2000).optional() }),
      returns: Approval,
    },
    async ({ params, body, user, now }) => commit(async (read) => decideAs(read, params.id, user.id, body, now)),
  ),
];
