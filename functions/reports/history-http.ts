import * as z from 'zod';
import { fieldText } from '#functions/activities/field-text.ts';
import { eventText } from '#functions/activities/timeline-text.ts';
import { users } from '#functions/auth/store.ts';
import { fieldLabels } from './field-label.ts';
import { refuse } from '#shared/errors.ts';
import { Change } from '#shared/events.ts';
import { Paged, PageQuery, pageOf } from '#shared/http/page.ts';
import { route } from '#shared/http/route.ts';
import { hashOf } from '#shared/json.ts';
import { openCursor, sealCursor } from '#shared/table/cursor.ts';
import { getMany } from '#shared/table/read.ts';
import { PlainDate } from '#shared/time.ts';
import { Truth } from './opens.ts';
import { PeriodQuery, periodOf } from './period.ts';

const Which = z.object({
  by: z.string().max(60).optional().describe('The id of a user'),
  type: z.string().max(60).optional().describe('A type of event such as deal.moved'),
  record: z.string().max(120).optional().describe('The id of a record'),
  ...PeriodQuery.shape,
});
type Which = z.output<typeof Which>;

const Entry = z.object({
  id: z.string(),
  at: z.string(),
  type: z.string(),
  /** In the language of whoever asks. */
  text: z.string(),
  record: z.object({ kind: z.string(), id: z.string() }),
  by: z.object({ kind: z.string(), id: z.string(), name: z.string().optional() }),
  /** From what to what; personal and guarded fields are only named. */
  changes: z.array(Change.extend({ name: z.string() })),
  data: z.record(z.string(), z.unknown()),
});
const Count = z.object({
  by: z.string(),
  name: z.string().optional(),
  day: PlainDate,
  type: z.string(),
  count: z.int(),
});
const Seller = z.object({ by: z.string(), name: z.string().optional(), count: z.int() });

const parsed = (text: string | null): unknown => (text === null ? undefined : JSON.parse(text));

/** The names people have now; what they did is theirs under any. */
async function namesOf(ids: Iterable<string>): Promise<ReadonlyMap<string, string>> {
  const people = [...new Set(ids)].filter((id) => id.startsWith('user_'));
  const found = await getMany(
    users,
    people.map((id) => ({ id })),
  );
  return new Map(found.map(({ id, name }) => [id, name]));
}

const reading = async () => {
  const [{ openCopy }, { History }] = await Promise.all([import('./list.ts'), import('./history.ts')]);
  return { openCopy, History };
};

export const historyRoutes = [
  route(
    'GET /reports/history',
    {
      summary:
        'What happened: who, when, from what to what; of records within my reach, the newest first. Nobody can change it',
      rights: 'history.read',
      query: z.object({
        ...Which.shape,
        day: PlainDate.optional().describe('One day, instead of from and to'),
        ...PageQuery.shape,
      }),
      returns: z.object({ ...Paged(Entry).shape, ...Truth }),
    },
    async ({ query, user, now, locale, header }) => {
      const { day, limit: size, cursor, ...which } = query;
      const period = periodOf(day === undefined ? which : oneDay(day, which), user.zone, now);
      const { openCopy, History } = await reading();
      const { copy, asOf, behind } = await openCopy(header('x-after-event'));
      const { limit } = pageOf({ limit: size, cursor });
      const place = hashOf(['history', which, period.from, period.to, user.id]);
      const before = openCursor(cursor, place) as { at: string; id: string } | undefined;
      const rows = await new History(copy, user, now, { ...which, ...period }).page(limit + 1, before);
      const shown = rows.slice(0, limit);
      const [names, labelsOf] = await Promise.all([namesOf(shown.map(({ byId }) => String(byId))), fieldLabels()]);
      const items = shown.map((row) => {
        const [type, byId] = [String(row.type), String(row.byId)];
        const data = (parsed(row.data) ?? {}) as Record<string, unknown>;
        const labels = labelsOf(String(row.entity));
        const changes = (parsed(row.changes) ?? []) as z.output<typeof Change>[];
        return {
          id: String(row.id),
          at: String(row.at),
          type,
          text: eventText(type, data, locale),
          record: { kind: String(row.entity), id: String(row.record) },
          by: { kind: String(row.byKind), id: byId, name: names.get(byId) },
          changes: changes.map((change) => Object.assign(change, { name: fieldText(change.field, locale, labels) })),
          data,
        };
      });
      const last = shown.at(-1);
      const next = rows.length > limit && last && sealCursor({ at: last.at, id: last.id }, place);
      return { items, ...(next && { cursor: next }), asOf, behind };
    },
  ),

  route(
    'GET /reports/history/counts',
    {
      summary: 'How much each user did: entries of history by user, day and type, and by user alone',
      rights: 'history.read',
      query: Which,
      returns: z.object({ items: z.array(Count), users: z.array(Seller), ...Truth }),
    },
    async ({ query, user, now, header }) => {
      const { from, to, days } = periodOf(query, user.zone, now);
      const { openCopy, History } = await reading();
      const { copy, asOf, behind } = await openCopy(header('x-after-event'));
      const { dayOf } = await import('./day-of.ts');
      const dated = dayOf(user.zone, days);
      const counts = new Map<string, number>();
      const sums = new Map<string, number>();
      for await (const { at, byId, type } of new History(copy, user, now, { ...query, from, to }).counted()) {
        const key = JSON.stringify([byId, dated(String(at)), type]);
        counts.set(key, (counts.get(key) ?? 0) + 1);
        sums.set(String(byId), (sums.get(String(byId)) ?? 0) + 1);
      }
      const names = await namesOf(sums.keys());
      const items = [...counts]
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, count]) => {
          const [by, day, type] = JSON.parse(key) as [string, string, string];
          return { by, name: names.get(by), day, type, count };
        });
      const people = [...sums].map(([by, count]) => ({ by, name: names.get(by), count }));
      return { items, users: people.toSorted((a, b) => b.count - a.count), asOf, behind };
    },
  ),
];

function oneDay(day: string, { from, to }: Which): { from: string; to: string } {
  if (from === undefined && to === undefined) return { from: day, to: day };
  const detail = 'Give either a day, or from and to.';
  throw refuse('invalid', {}, [{ pointer: '/query/day', code: 'invalid_value', detail }]);
}
