import { Paged, PageQuery, pageOf } from '#shared/http/page.ts';
import { route } from '#shared/http/route.ts';
import { anyRecord } from '#shared/owner.ts';
import { listWhole } from '#shared/table/read.ts';
import { LetterView } from './letter.ts';
import { letters } from './store.ts';

export const mailRoutes = [
  route(
    'GET /letters/{id}',
    {
      summary: 'A letter: what it says and what became of it',
      rights: 'letter.read',
      of: letters,
      returns: LetterView,
    },
    async ({ record }) => record,
  ),

  route(
    'GET /records/{id}/letters',
    {
      summary: 'The letters of a record, the newest first: each with why it was or was not sent',
      rights: 'letter.read',
      of: anyRecord,
      query: PageQuery,
      returns: Paged(LetterView),
    },
    async ({ params, query }) =>
      listWhole(letters, 'gsi2', { recordId: params.id }, { ...pageOf(query), descending: true }),
  ),
];
