import * as z from 'zod';
import { commit } from '#shared/command.ts';
import { refuse } from '#shared/errors.ts';
import { route, type Route } from '#shared/http/route.ts';
import { get, type Read } from '#shared/table/read.ts';
import { Name } from '#shared/text.ts';
import { faultsOf, holding } from './check.ts';
import { bodyOf, kindOf, mayChange, settingId } from './kind.ts';
import { saved } from './save.ts';
import { Setting, type Kind } from './setting.ts';
import { forget, settingDrafts, settings } from './store.ts';
import { Note, SettingDraft } from './version.ts';
import { stillAt } from '#shared/stale.ts';

const Faults = z.array(z.object({ pointer: z.string(), code: z.string(), detail: z.string() }));
const Checked = z.object({ ...SettingDraft.shape, faults: Faults });
const RIGHT = 'setting.change';

/** The draft that is being worked on. @throws 404 when there is none, or it was published or discarded */
async function openDraft(read: Pick<Read, 'get'>, kind: string, id: string): Promise<SettingDraft> {
  const draft = await read.get(settingDrafts, { kind, id });
  if (draft?.state === 'open') return draft;
  throw refuse('not_found', { what: 'draft', id: `${kind}.${id}` });
}

/** Drafts have no events that could say what changed: the version is all there is to compare. @throws 412 */
function mustBeAt({ version }: SettingDraft, ifMatch: number): void {
  if (version !== ifMatch) throw refuse('stale', { current: version, yours: Number.isNaN(ifMatch) ? '?' : ifMatch });
}

const readDraft = (kinds: readonly Kind[]): Route =>
  route(
    'GET /settings/{plural}/{id}/draft',
    { summary: 'What somebody prepares, and what is wrong with it so far', rights: 'setting.read', returns: Checked },
    async ({ params }) => {
      const kind = kindOf(kinds, params.plural);
      const draft = await openDraft({ get }, kind.kind, params.id);
      const before = await get(settings, { kind: kind.kind, id: draft.id });
      const body = kind.schema.parse(draft.body);
      const { faults } = await faultsOf([{ kind, id: draft.id, body }], [before], kinds);
      return { ...draft, faults: faults.flat() };
    },
  );

const writeDraft = (kinds: readonly Kind[]): Route =>
  route(
    'PUT /settings/{plural}/{id}/draft',
    {
      summary: 'Prepares a change that binds nobody yet; a draft that is there needs If-Match',
      rights: RIGHT,
      creates: true,
      body: z.object({
        name: Name(),
        body: z.record(z.string(), z.unknown()),
        archived: z.boolean().optional(),
        note: Note,
      }),
      returns: SettingDraft,
    },
    async ({ params, body: given, user, now, locale, header, ifMatch }) => {
      const kind = kindOf(kinds, params.plural);
      mayChange(user, kind);
      const key = { kind: kind.kind, id: settingId(params.id) };
      const body = z.encode(kind.schema, bodyOf(kind, given.body, locale));
      return commit(async (read) => {
        const there = await read.get(settingDrafts, key);
        const open = there?.state === 'open' ? there : undefined;
        if (open && header('if-match') === undefined) throw refuse('if_match_missing');
        if (open) mustBeAt(open, ifMatch);
        const base = open?.base ?? (await read.get(settings, key))?.version ?? 0;
        const { name, archived, note } = given;
        const by = { id: user.id, name: user.name };
        const change = { state: 'open' as const, name, body, archived, note, base, at: now, by };
        const write = there
          ? settingDrafts.save(there, change)
          : settingDrafts.create({ ...key, version: 1, ...change });
        return { writes: [write], answer: write, status: open ? 200 : 201 };
      });
    },
  );

const publishDraft = (kinds: readonly Kind[]): Route =>
  route(
    'POST /settings/{plural}/{id}/publish',
    {
      summary: 'Makes the draft the next version, in force within 30 seconds; refused when another was published since',
      rights: RIGHT,
      ifMatch: true,
      returns: Setting,
    },
    async ({ params, user, now, ifMatch }) => {
      const kind = kindOf(kinds, params.plural);
      mayChange(user, kind);
      forget();
      return commit(async (read) => {
        const draft = await openDraft(read, kind.kind, params.id);
        mustBeAt(draft, ifMatch);
        const { id, base } = draft;
        const before = await read.get(settings, { kind: kind.kind, id });
        await stillAt(`${kind.kind}.${id}`, before?.version ?? 0, base);
        const body = kind.schema.parse(draft.body);
        const ties = await holding({ kind, id, body }, before, kinds);
        const given = { ...draft, body, archived: draft.archived ?? before?.archived };
        const { write, writes, events } = await saved(read, kind, id, before, given, user, now);
        const published = settingDrafts.save(draft, { state: 'published' });
        return {
          writes: [...writes, published, ...(await ties.writes(read))],
          checks: ties.checks,
          events,
          answer: write,
        };
      });
    },
  );

const discardDraft = (kinds: readonly Kind[]): Route =>
  route(
    'POST /settings/{plural}/{id}/draft/discard',
    { summary: 'Gives a draft up', rights: RIGHT, ifMatch: true, returns: SettingDraft },
    async ({ params, user, ifMatch }) => {
      const kind = kindOf(kinds, params.plural);
      mayChange(user, kind);
      return commit(async (read) => {
        const draft = await openDraft(read, kind.kind, params.id);
        mustBeAt(draft, ifMatch);
        const write = settingDrafts.save(draft, { state: 'discarded' });
        return { writes: [write], answer: write };
      });
    },
  );

/** What is prepared for settings before it counts. */
export const draftRoutes = (kinds: readonly Kind[]): Route[] =>
  [readDraft, writeDraft, publishDraft, discardDraft].map((made) => made(kinds));
