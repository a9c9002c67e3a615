import * as z from 'zod';
import { commit } from '#shared/command.ts';
import { refuse } from '#shared/errors.ts';
import { route } from '#shared/http/route.ts';
import { stillAt } from '#shared/stale.ts';
import { listWhole, need } from '#shared/table/read.ts';
import type { User } from '#shared/user.ts';
import { EVERYBODYS, holderOf, NewView, View, ViewChange, ViewSaved } from './view.ts';
import { views } from './view-store.ts';

/** Nobody finds his way among more. */
const MAX_VIEWS = 100;

/** A shared view is everybody's to look through; only its owner and admins change one. */
const mayChange = (view: View, user: User): boolean => view.ownerId === user.id || user.roles.includes('admin');
function mustSee(view: View, user: User): View {
  if (view.shared || mayChange(view, user)) return view;
  throw refuse('not_found', { what: 'view', id: view.id });
}
const checked = async (list: string, query: z.output<typeof View>['query'], user: User, now: string) =>
  (await import('./list.ts')).checkQuery(list, query, user, now);

export const viewRoutes = [
  route(
    'GET /views',
    {
      summary: 'Saved views of a list (of all lists unless said): mine, and those that are shared',
      rights: 'view.read',
      query: z.object({ list: z.string().max(40).optional() }),
      returns: z.object({ items: z.array(View) }),
    },
    async ({ query, user }) => {
      const [mine, shared] = await Promise.all(
        [user.id, EVERYBODYS].map((holder) => listWhole(views, 'gsi2', { holder }, { limit: MAX_VIEWS })),
      );
      const all = [...(mine?.items ?? []), ...(shared?.items ?? [])];
      return { items: all.filter(({ list }) => query.list === undefined || list === query.list) };
    },
  ),

  route('GET /views/{id}', { summary: 'A saved view', rights: 'view.read', returns: View }, async ({ params, user }) =>
    mustSee(await need(views, { id: params.id }), user),
  ),

  route(
    'POST /views',
    {
      summary: 'Saves a view of a list: filter, sort, fields, totals; for everybody if shared',
      rights: 'view.change',
      body: NewView,
      returns: View,
      status: 201,
    },
    async ({ body, user, now, newId }) => {
      await checked(body.list, body.query, user, now);
      const shared = body.shared ?? false;
      const held = await listWhole(views, 'gsi2', { holder: shared ? EVERYBODYS : user.id }, { limit: MAX_VIEWS });
      if (held.items.length === MAX_VIEWS)
        throw refuse('wrong_state', {
          what: 'The list of views',
          state: 'full',
          why: `put one of the ${MAX_VIEWS} away`,
        });
      const view = { id: newId('view'), version: 1, ...body, shared, ownerId: user.id, createdAt: now };
      const write = views.create({ ...view, holder: holderOf(view) });
      return commit(async () => ({
        writes: [write],
        events: [ViewSaved.of(write, { list: body.list, shared })],
        answer: write,
      }));
    },
  ),

  route(
    'PUT /views/{id}',
    {
      summary: 'Changes a view, shares it or puts it away',
      rights: 'view.change',
      ifMatch: true,
      body: ViewChange,
      returns: View,
    },
    async ({ params, body, user, now, ifMatch }) =>
      commit(async (read) => {
        const view = mustSee(await read.need(views, { id: params.id }), user);
        if (!mayChange(view, user)) throw refuse('forbidden', { right: 'view.change' });
        await stillAt(view.id, view.version, ifMatch);
        const { archived, name = view.name, shared = view.shared, query = view.query } = body;
        if (body.query) await checked(view.list, query, user, now);
        const archivedAt = archived === undefined ? view.archivedAt : archived ? now : undefined;
        const changed = { ...view, name, shared, query, archivedAt };
        const write = views.save(view, { ...changed, holder: holderOf(changed) });
        return {
          writes: [write],
          events: [ViewSaved.of(write, { list: view.list, shared: changed.shared })],
          answer: write,
        };
      }),
  ),
];
