import * as z from 'zod';
import { commit } from '#shared/command.ts';
import { refuse } from '#shared/errors.ts';
import { route, type Route } from '#shared/http/route.ts';
import { listAll, need } from '#shared/table/read.ts';
import { stillAt } from '#shared/stale.ts';
import { Name } from '#shared/text.ts';
import { Setting, SettingChanged, SettingId, type Kind } from './setting.ts';
import { faultsOf, forget, settings } from './store.ts';

/** The operations on one kind of setting: list, read, put. */
export function settingRoutes<S extends z.ZodObject>(of: Kind<S>): Route[] {
  const { kind, plural, schema } = of;
  const Answer = z.object({ ...Setting.shape, body: schema });
  const body = z.object({ name: Name(), body: schema });
  return [
    route(
      `GET /settings/${plural}`,
      {
        summary: `All settings of the kind ${kind}`,
        rights: 'setting.read',
        returns: z.object({ items: z.array(Answer) }),
      },
      async () => {
        const items = await listAll(settings, { kind });
        return { items: items.map((item) => Object.assign(item, { body: schema.parse(item.body) })) };
      },
    ),
    route(
      `GET /settings/${plural}/{id}`,
      { summary: `One ${kind}`, rights: 'setting.read', returns: Answer },
      async ({ params }) => {
        const item = await need(settings, { kind, id: params.id });
        return { ...item, body: schema.parse(item.body) };
      },
    ),
    route(
      `PUT /settings/${plural}/{id}`,
      {
        summary: `Makes or changes a ${kind}; a change needs If-Match`,
        rights: of.right,
        creates: true,
        body,
        returns: Answer,
      },
      async ({ params, body: asked, now, user, ifMatch, header }) => {
        const given = asked as unknown as { name: string; body: z.output<S> };
        const id = SettingId.safeParse(params.id);
        if (!id.success)
          throw refuse('invalid', {}, [
            { pointer: '/path/id', code: 'invalid_format', detail: id.error.issues[0]?.message ?? '' },
          ]);
        forget();
        return commit(async (read) => {
          const before = await read.get(settings, { kind, id: id.data });
          const faults = await faultsOf(of, id.data, given.body, before && schema.parse(before.body));
          if (faults.length > 0)
            throw refuse('rule_invalid', { why: faults.map(({ detail }) => detail).join('; ') }, faults);
          const change = {
            name: given.name,
            body: z.encode(schema, given.body) as Record<string, unknown>,
            updatedAt: now,
            updatedBy: user.id,
          };
          if (before && header('if-match') === undefined) throw refuse('if_match_missing');
          if (before) await stillAt(`${kind}.${id.data}`, before.version, ifMatch);
          const write = before
            ? settings.save(before, change)
            : settings.create({ kind, id: id.data, version: 1, ...change });
          return {
            writes: [write],
            events: [SettingChanged.of(write, { kind, id: id.data })],
            answer: write,
            status: before ? 200 : 201,
          };
        });
      },
    ),
  ];
}
