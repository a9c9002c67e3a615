import * as z from 'zod';
import { mayChange } from '#functions/settings/kind.ts';
import { saved } from '#functions/settings/save.ts';
import type { Kind } from '#functions/settings/setting.ts';
import { forget, settings } from '#functions/settings/store.ts';
import type { Ties } from '#functions/settings/tie.ts';
import { commit, type Decision } from '#shared/command.ts';
import { Reply, route, type Route } from '#shared/http/route.ts';
import { stillAt } from '#shared/stale.ts';
import { listAll, type Read } from '#shared/table/read.ts';
import { fileOf, MANIFEST, SettingFiles, stableText } from './setting-file.ts';
import { incoming, type Incoming } from './setting-import.ts';
import { namesHere } from './setting-names.ts';

/** Each setting is three items, or four where its version before was not kept, and a transaction holds a hundred. */
const AT_ONCE = 20;

const Imported = z.object({
  dryRun: z.boolean(),
  settings: z.array(
    z.object({
      kind: z.string(),
      id: z.string(),
      state: z.enum(['new', 'changed', 'same']),
      changes: z.array(z.object({ path: z.string(), from: z.unknown().optional(), to: z.unknown().optional() })),
    }),
  ),
});

const exportRoute = (kinds: readonly Kind[]): Route =>
  route(
    'GET /settings/export',
    {
      summary: 'All settings as files for git: the same text for the same settings, users by e-mail, teams by name',
      rights: 'setting.read',
      returns: SettingFiles,
    },
    async () => {
      const names = await namesHere();
      const all = await Promise.all(
        kinds.map(async (kind) => {
          const found = await listAll(settings, { kind: kind.kind });
          return found.map((one) => [`${kind.plural}/${one.id}.json`, fileOf(kind, one, names)] as const);
        }),
      );
      const text = stableText({ manifest: MANIFEST, files: Object.fromEntries(all.flat()) });
      return new Reply(200, text, { 'content-type': 'application/json; charset=utf-8' });
    },
  );

const stateOf = ({ before, changes }: Incoming): 'new' | 'changed' | 'same' =>
  before === undefined ? 'new' : changes.length === 0 ? 'same' : 'changed';

/** What is written for some settings of an import; refused when one moved on since it was looked at. */
async function written(
  read: Read,
  some: readonly Incoming[],
  ties: Ties,
  user: { id: string; name: string },
  now: string,
): Promise<Decision> {
  const all = [];
  for (const { kind, id, name, body, archived, before } of some) {
    const present = await read.get(settings, { kind: kind.kind, id });
    await stillAt(`${kind.kind}.${id}`, present?.version ?? 0, before?.version ?? 0);
    all.push(await saved(read, kind, id, present, { name, body, archived, note: 'import' }, user, now));
  }
  const { checks } = ties;
  const writes = [...all.flatMap((one) => one.writes), ...(await ties.writes(read))];
  return { writes, checks, events: all.flatMap(({ events }) => events) };
}

const importRoute = (kinds: readonly Kind[]): Route =>
  route(
    'POST /settings/import',
    {
      summary:
        'Takes over settings of files: looked at as a whole, one new version for each that differs; safe to repeat',
      rights: 'setting.change',
      repeatable: true,
      body: z.object({
        manifest: SettingFiles.shape.manifest.optional(),
        files: SettingFiles.shape.files,
        dryRun: z.boolean().optional(),
      }),
      returns: Imported,
    },
    async ({ body: { files, dryRun = false }, user, now, perform }) => {
      const { all, ties } = await incoming(files, kinds, await namesHere());
      const news = all.filter((one) => stateOf(one) !== 'same');
      for (const { kind } of news) mayChange(user, kind);
      const wanted = dryRun ? [] : news;
      for (let at = 0; at < wanted.length; at += AT_ONCE)
        await perform(commit((read) => written(read, wanted.slice(at, at + AT_ONCE), ties, user, now)));
      forget();
      return {
        dryRun,
        settings: all.map((one) => ({ kind: one.kind.kind, id: one.id, state: stateOf(one), changes: one.changes })),
      };
    },
  );

/** Settings in files, out of one installation and into another. */
export const settingFileRoutes = (kinds: readonly Kind[]): Route[] => [exportRoute(kinds), importRoute(kinds)];
