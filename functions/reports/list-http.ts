import * as z from 'zod';
import { Paged, PageQuery, pageOf } from '#shared/http/page.ts';
import { route, type Call, type Route } from '#shared/http/route.ts';
import { Money } from '#shared/money.ts';
import type { ReadTable } from '#shared/read/read-table.ts';
import { Instant, PlainDate, endOfDay } from '#shared/time.ts';
import type { User } from '#shared/user.ts';
import { lists } from './lists.ts';

/** The database and the language of filters are heavy: loaded with the first list, and never by `api`. */
const reading = () => import('./list.ts');

const names = z.string().max(1000).describe('Field names, separated by commas');
const Which = z.object({
  filter: z.string().max(4000).optional().describe('CEL: state == "new" && score > 50 && name.contains("rom")'),
  search: z.string().max(200).optional().describe('Words that a record holds somewhere'),
  archived: z.literal('true').optional().describe('Those put away as well'),
  asOf: z.union([PlainDate, Instant]).optional().describe('The list as it was at the end of a day, or at a moment'),
});
type Which = z.output<typeof Which>;
const Total = z.union([z.object({ money: z.array(Money) }), z.object({ number: z.number() })]);
const Totals = z.object({ count: z.int(), sums: z.record(z.string(), Total) });
const Truth = {
  /** The moment of which the answer holds true. */
  asOf: z.string(),
  /** What the caller has written last (x-after-event) is not in it yet. */
  behind: z.boolean(),
};

const Groups = z.object({ groups: z.array(z.object({ keys: z.array(z.unknown()), ...Totals.shape })), ...Truth });

const listOf = (text: string | undefined): string[] | undefined =>
  text === undefined ? undefined : text.split(',').map((one) => one.trim());

/** A whole day is as it was at its end, on the clocks of whoever asks. */
const moment = (at: string | undefined, { zone }: User): string | undefined =>
  at?.length === 10 ? endOfDay(zone, at) : at;

const asked = ({ asOf, ...which }: Which, { user, now, header }: Call & { user: User }) => ({
  which: { ...which, archived: which.archived === 'true' },
  reading: { user, now, after: header('x-after-event'), asOf: moment(asOf, user) },
});

/** A record of a list: what both of its parts say, as far as it was asked for. */
const itemOf = ({ parts }: ReadTable) =>
  z.object(Object.assign({}, ...parts.map(({ schema }) => schema.shape).reverse()) as z.ZodRawShape).partial();

function routesOf(table: ReadTable): Route[] {
  const { name, rights } = table;
  const Item = itemOf(table);
  const Listed = z.object({ ...Paged(Item).shape, totals: Totals.optional(), ...Truth });
  return [
    route(
      `GET /lists/${name}`,
      {
        summary: `${name}: any filter, any sort, totals, fields, search, a past day`,
        rights,
        query: z.object({
          ...Which.shape,
          ...PageQuery.shape,
          sort: z.string().max(80).optional().describe('A field; -field for the largest first'),
          totals: names.optional().describe('Fields to add up over the whole list; empty for the count alone'),
          fields: names.optional(),
        }),
        returns: Listed,
      },
      async (call) => {
        const { openList } = await reading();
        const { listRows } = await import('#shared/read/list.ts');
        const { sort, fields, totals, limit, cursor, ...rest } = call.query;
        const { which, reading: who } = asked(rest, call);
        const { copy, from, viewer, custom, asOf, behind } = await openList(name, who);
        const page = {
          ...which,
          ...pageOf({ limit, cursor }),
          sort,
          totals: listOf(totals)?.filter((one) => one !== ''),
        };
        const found = listRows(copy, from, page, viewer, custom);
        const wanted = listOf(fields);
        const items = wanted ? found.items.map((item) => picked(item, wanted)) : found.items;
        return z.decode(Listed, { ...found, items, asOf, behind });
      },
    ),
    route(
      `GET /lists/${name}/groups`,
      {
        summary: `${name}: count and sums for every value of some fields`,
        rights,
        query: z.object({
          ...Which.shape,
          by: names.describe('Fields, or day(field), week(field), month(field), separated by commas'),
          totals: names.optional(),
        }),
        returns: Groups,
      },
      async (call) => {
        const { openList } = await reading();
        const { groupsOf } = await import('#shared/read/report.ts');
        const { by, totals, ...rest } = call.query;
        const { which, reading: who } = asked(rest, call);
        const { copy, from, viewer, custom, asOf, behind } = await openList(name, who);
        const query = { ...which, by: listOf(by) ?? [], totals: (listOf(totals) ?? []).filter((one) => one !== '') };
        const groups = groupsOf(copy, from, query, viewer, custom);
        return z.decode(Groups, { groups, asOf, behind });
      },
    ),
  ];
}

/** The id is always there: a list without it leads nowhere. */
function picked(item: Record<string, unknown>, wanted: readonly string[]): Record<string, unknown> {
  const fields = new Set(['id', ...wanted.map((field) => field.split('.')[0] ?? field)]);
  return Object.fromEntries(Object.entries(item).filter(([field]) => fields.has(field)));
}

const Found = z.object({ list: z.string(), id: z.string(), title: z.string(), field: z.string(), text: z.string() });

export const listRoutes: readonly Route[] = [
  ...lists.flatMap(({ table }) => routesOf(table)),
  route(
    'GET /search',
    {
      summary: 'Records of every kind by a part of a name, phone, e-mail, tax number, SKU or number of a document',
      rights: 'me.read',
      query: z.object({ q: z.string().min(1).max(200), limit: PageQuery.shape.limit }),
      returns: z.object({ items: z.array(Found), ...Truth }),
    },
    async ({ query, user, now, header }) => {
      const { openCopy, viewerOf } = await reading();
      const { searchAll } = await import('#shared/read/search.ts');
      const { copy, asOf, behind } = await openCopy(header('x-after-event'));
      const items = searchAll(copy, query.q, pageOf({ limit: query.limit, cursor: undefined }).limit, (name) =>
        viewerOf(user, name, now),
      );
      return { items, asOf, behind };
    },
  ),
];
