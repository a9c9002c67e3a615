import * as z from 'zod';
import { commit } from '#shared/command.ts';
import { Paged, PageQuery, pageOf } from '#shared/http/page.ts';
import { refuse } from '#shared/errors.ts';
import { route, type Route } from '#shared/http/route.ts';
import { stillAt } from '#shared/stale.ts';
import { get, list, type Read } from '#shared/table/read.ts';
import { holding } from './check.ts';
import { difference } from './difference.ts';
import { kindOf, mayChange } from './kind.ts';
import { saved } from './save.ts';
import { Setting, type Kind } from './setting.ts';
import { forget, settings, settingVersions } from './store.ts';
import { Note, placeOf, SettingVersion } from './version.ts';

const Listed = SettingVersion.omit({ body: true, place: true });
const Whole = SettingVersion.omit({ place: true });
const VersionNumber = z.string().regex(/^[1-9]\d{0,8}$/, { error: 'a version: a whole number from 1' });
const Differences = z.object({
  from: z.int(),
  to: z.int(),
  items: z.array(z.object({ path: z.string(), from: z.unknown().optional(), to: z.unknown().optional() })),
});

/** @throws 404 for a version that was never made, or before versions were kept */
async function version(
  read: Pick<Read, 'get'>,
  kind: string,
  id: string,
  typed: string | number,
): Promise<SettingVersion> {
  const number = VersionNumber.safeParse(String(typed));
  const found = number.success
    ? await read.get(settingVersions, { kind, id, place: placeOf(Number(number.data)) })
    : undefined;
  if (!found) throw refuse('not_found', { what: `version of ${kind}.${id}`, id: String(typed) });
  return found;
}

const listVersions = (kinds: readonly Kind[]): Route =>
  route(
    'GET /settings/{plural}/{id}/versions',
    {
      summary: 'The versions of a setting, the newest first: who, when, and where it differs from the one before',
      rights: 'setting.read',
      query: PageQuery,
      returns: Paged(Listed),
    },
    async ({ params, query }) => {
      const { kind } = kindOf(kinds, params.plural);
      return list(
        settingVersions,
        'item',
        { kind, id: params.id },
        { ...pageOf(query), descending: true, consistent: true },
      );
    },
  );

const readVersion = (kinds: readonly Kind[]): Route =>
  route(
    'GET /settings/{plural}/{id}/versions/{version}',
    { summary: 'A setting as it was', rights: 'setting.read', returns: Whole },
    async ({ params }) => version({ get }, kindOf(kinds, params.plural).kind, params.id, params.version),
  );

const compareVersions = (kinds: readonly Kind[]): Route =>
  route(
    'GET /settings/{plural}/{id}/versions/{version}/difference',
    {
      summary:
        'Where another version (the present one unless said) differs, place by place; items of lists by their id',
      rights: 'setting.read',
      query: z.object({ to: VersionNumber.optional() }),
      returns: Differences,
    },
    async ({ params, query }) => {
      const { kind } = kindOf(kinds, params.plural);
      const from = await version({ get }, kind, params.id, params.version);
      const to =
        query.to === undefined
          ? ((await get(settings, { kind, id: params.id })) ?? from)
          : await version({ get }, kind, params.id, query.to);
      const shown = ({ name, body, archived }: Pick<Setting, 'name' | 'body' | 'archived'>) => ({
        name,
        archived,
        ...body,
      });
      return { from: from.version, to: to.version, items: difference(shown(from), shown(to)) };
    },
  );

const rollBack = (kinds: readonly Kind[]): Route =>
  route(
    'POST /settings/{plural}/{id}/roll-back',
    {
      summary:
        'Makes what a version said the next version; refused when it does not hold today or records would be unreadable',
      rights: 'setting.change',
      ifMatch: true,
      body: z.object({ version: z.int().min(1), note: Note }),
      returns: Setting,
    },
    async ({ params, body: asked, user, now, ifMatch }) => {
      const kind = kindOf(kinds, params.plural);
      mayChange(user, kind);
      forget();
      return commit(async (read) => {
        const before = await read.need(settings, { kind: kind.kind, id: params.id });
        await stillAt(`${kind.kind}.${before.id}`, before.version, ifMatch);
        const { name, archived, ...old } = await version(read, kind.kind, before.id, asked.version);
        const parsed = kind.schema.safeParse(old.body);
        if (!parsed.success)
          throw refuse('rule_invalid', { why: `version ${asked.version} is not as settings of this kind are today` });
        const ties = await holding({ kind, id: before.id, body: parsed.data }, before, kinds);
        const given = { name, archived, body: parsed.data, note: asked.note };
        const { write, writes, events } = await saved(read, kind, before.id, before, given, user, now);
        return { writes: [...writes, ...(await ties.writes(read))], checks: ties.checks, events, answer: write };
      });
    },
  );

/** What settings were, and the way back. */
export const versionRoutes = (kinds: readonly Kind[]): Route[] =>
  [listVersions, readVersion, compareVersions, rollBack].map((made) => made(kinds));
