import * as z from 'zod';
import { DEFAULT_WORK_RULES, MAIN_WORK_RULES, namedFilters, workRulesKind } from '#functions/activities/work-list.ts';
import { ownerAsked } from '#functions/auth/rights.ts';
import { users } from '#functions/auth/store.ts';
import { Bilingual } from '#functions/settings/setting.ts';
import { inForceOr } from '#functions/settings/store.ts';
import { route } from '#shared/http/route.ts';
import { listWhole } from '#shared/table/read.ts';
import { Counted, quote, Truth } from './opens.ts';

const OfOwner = Counted.extend({ ownerId: z.string().optional(), name: z.string().optional() });
const Listed = z.object({
  id: z.string(),
  name: Bilingual,
  sort: z.string(),
  ...Counted.shape,
  owners: z.array(OfOwner),
});

/** All of a sales department. */
const EVERYBODY = { limit: 100 };

export const attentionRoutes = [
  route(
    'GET /reports/attention',
    {
      summary:
        'What waits for somebody: without owner or next action, overdue, for today, forgotten; how many of whom, and the list of each',
      rights: 'activity.read',
      query: z.object({
        owner: z.string().max(60).optional().describe('Of one owner; of all within reach unless said'),
      }),
      returns: z.object({ items: z.array(Listed), ...Truth }),
    },
    async ({ query, user, now, header }) => {
      const { openReport } = await import('./reading.ts');
      const whose = query.owner && `ownerId == ${quote(ownerAsked(user, 'activity.read', query.owner))}`;
      const [{ counted, countedBy, truth }, { items: people }, { body: rules }] = await Promise.all([
        openReport(user, now, header('x-after-event')),
        listWhole(users, 'gsi2', {}, EVERYBODY),
        inForceOr(workRulesKind, MAIN_WORK_RULES, DEFAULT_WORK_RULES),
      ]);
      const gone = people.filter(({ active }) => !active).map(({ id }) => id);
      const names = new Map(people.map(({ id, name }) => [id, name]));
      const items = namedFilters(rules, { mine: 'has(ownerId)', gone }).flatMap(({ id, name, sort, list, filter }) => {
        const opens = { list, filter: whose === undefined ? filter : `${whose} && ${filter}` };
        const all = counted(opens);
        if (!all) return [];
        const owners = countedBy(opens, 'ownerId').map(({ value, count }) => {
          const ownerId = typeof value === 'string' ? value : undefined;
          const of = `ownerId == ${ownerId === undefined ? 'null' : quote(ownerId)} && ${filter}`;
          return { ownerId, name: names.get(ownerId ?? ''), count, opens: { list, filter: of } };
        });
        return [{ id, name, sort, ...all, owners }];
      });
      return { items, ...truth };
    },
  ),
];
