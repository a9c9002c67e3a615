import * as z from 'zod';
import { commit } from '#shared/command.ts';
import { refuse } from '#shared/errors.ts';
import { route, type Route } from '#shared/http/route.ts';
import { listAll, need } from '#shared/table/read.ts';
import { stillAt } from '#shared/stale.ts';
import { Name } from '#shared/text.ts';
import { holding } from './check.ts';
import { draftRoutes } from './draft-route.ts';
import { settingId } from './kind.ts';
import { saved } from './save.ts';
import { Setting, type Kind } from './setting.ts';
import { forget, settings } from './store.ts';
import { Note } from './version.ts';
import { versionRoutes } from './version-route.ts';

const Archived = z.object({ archived: z.enum(['true', 'false']).optional() });

const listRoute = ({ kind, plural, schema }: Kind, Answer: z.ZodObject): Route =>
  route(
    `GET /settings/${plural}`,
    {
      summary: `All settings of the kind ${kind}; those that were put away with archived=true`,
      rights: 'setting.read',
      query: Archived,
      returns: z.object({ items: z.array(Answer) }),
    },
    async ({ query }) => {
      const items = await listAll(settings, { kind });
      const shown = items.filter(({ archived = false }) => archived === (query.archived === 'true'));
      return { items: shown.map((item) => Object.assign(item, { body: schema.parse(item.body) })) };
    },
  );

const readRoute = ({ kind, plural, schema }: Kind, Answer: z.ZodObject): Route =>
  route(
    `GET /settings/${plural}/{id}`,
    { summary: `One ${kind}`, rights: 'setting.read', returns: Answer },
    async ({ params }) => {
      const item = await need(settings, { kind, id: params.id });
      return { ...item, body: schema.parse(item.body) };
    },
  );

const saveRoute = (of: Kind, Answer: z.ZodObject, kinds: readonly Kind[]): Route =>
  route(
    `PUT /settings/${of.plural}/{id}`,
    {
      summary: `Makes or changes a ${of.kind} and publishes it at once; a change needs If-Match. archived puts it away`,
      rights: of.right,
      creates: true,
      body: z.object({ name: Name(), body: of.schema, archived: z.boolean().optional(), note: Note }),
      returns: Answer,
    },
    async ({ params, body: given, now, user, ifMatch, header }) => {
      const id = settingId(params.id);
      forget();
      return commit(async (read) => {
        const before = await read.get(settings, { kind: of.kind, id });
        const ties = await holding({ kind: of, id, body: given.body }, before, kinds);
        if (before && header('if-match') === undefined) throw refuse('if_match_missing');
        if (before) await stillAt(`${of.kind}.${id}`, before.version, ifMatch);
        // Who says nothing of it does not take back what was put away.
        const archived = given.archived ?? before?.archived;
        const { write, writes, events } = await saved(read, of, id, before, { ...given, archived }, user, now);
        return {
          writes: [...writes, ...(await ties.writes(read))],
          checks: ties.checks,
          events,
          answer: write,
          status: before ? 200 : 201,
        };
      });
    },
  );

const Overview = z.object({
  kind: z.string(),
  plural: z.string(),
  count: z.int(),
  archived: z.int(),
  latest: Setting.pick({ id: true, name: true, version: true, updatedAt: true, updatedBy: true }).optional(),
});

const overviewRoute = (kinds: readonly Kind[]): Route =>
  route(
    'GET /settings',
    {
      summary: 'Every kind of setting: how many there are, and which was changed last',
      rights: 'setting.read',
      returns: z.object({ items: z.array(Overview) }),
    },
    async () => {
      const all = await Promise.all(kinds.map(({ kind }) => listAll(settings, { kind })));
      const items = kinds.map(({ kind, plural }, place) => {
        const found = all[place] ?? [];
        const archived = found.filter((one) => one.archived).length;
        const latest = found.toSorted((a, b) => b.updatedAt.localeCompare(a.updatedAt))[0];
        return { kind, plural, count: found.length - archived, archived, latest };
      });
      return { items };
    },
  );

/** The operations on settings: list, read and put of each kind with its own schema, drafts and versions of any kind. */
export const settingRoutes = (kinds: readonly Kind[]): Route[] => [
  overviewRoute(kinds),
  ...kinds.flatMap((kind) => {
    const Answer = z.object({ ...Setting.shape, body: kind.schema });
    return [listRoute(kind, Answer), readRoute(kind, Answer), saveRoute(kind, Answer, kinds)];
  }),
  ...draftRoutes(kinds),
  ...versionRoutes(kinds),
];
