import * as z from 'zod';
import { refuse } from '#shared/errors.ts';
import { route } from '#shared/http/route.ts';
import { PeriodQuery, periodOf } from './period.ts';
import { between, Counted, CountedMoney, type Opens, quote, Truth } from './opens.ts';

const told = (type: string, { from, to }: { from: string; to: string }): Opens => ({
  list: 'leads',
  filter: `id.happened("${type}", ${quote(from)}, ${quote(to)})`,
  archived: true,
});

const Postponed = z.object({
  /** Leads put off in the period, and those that came back in it, on their day or before. */
  postponed: Counted,
  returned: Counted,
  /** Those that are put off now. */
  away: Counted,
  /** Deals won in the period with leads that had come back, and their money; absent for who may read no deals. */
  won: CountedMoney.optional(),
  ...Truth,
});

export const postponedRoutes = [
  route(
    'GET /reports/postponed',
    {
      summary: 'Leads that were put off, that came back, and what was won with those that had come back, in a period',
      rights: 'lead.read',
      query: PeriodQuery,
      returns: Postponed,
    },
    async ({ query, user, now, header }) => {
      const { openReport } = await import('./reading.ts');
      const { counted, countedMoney, truth } = await openReport(user, now, header('x-after-event'));
      const period = periodOf(query, user.zone, now);
      const leads = (opens: Opens): Counted => {
        const found = counted(opens);
        if (!found) throw refuse('forbidden', { right: 'lead.read' });
        return found;
      };
      const won = countedMoney(
        {
          list: 'deals',
          filter: `stageKind == "won" && ${between('closedAt', period)} && leadId.happened("lead.returned")`,
          archived: true,
        },
        'amount',
      );
      return {
        postponed: leads(told('lead.postponed', period)),
        returned: leads(told('lead.returned', period)),
        away: leads({
          list: 'leads',
          filter: 'state in ["new", "working", "qualified"] && has(postponedUntil)',
        }),
        ...(won && { won }),
        ...truth,
      };
    },
  ),
];
