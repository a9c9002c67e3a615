import type * as z from 'zod';
import { refuse } from '#shared/errors.ts';
import { systemNow } from '#shared/time.ts';
import { entity } from '#shared/table/entity.ts';
import { get, listAll } from '#shared/table/read.ts';
import { Setting, type Kind } from './setting.ts';
import { SettingDraft, SettingUse, SettingVersion } from './version.ts';

export const settings = entity('setting', Setting, { part: 'R', recordId: ({ kind, id }) => `${kind}.${id}` });

export const settingVersions = entity('settingVersion', SettingVersion);
export const settingUses = entity('settingUse', SettingUse);
export const settingDrafts = entity('settingDraft', SettingDraft);

/** A change is in force everywhere after this long. */
const CACHE_MS = 30_000;
type Cached = { until: number; value: Promise<unknown> };
const cache = new Map<string, Cached>();

function cached<T>(key: string, load: () => Promise<T>): Promise<T> {
  const known = cache.get(key);
  if (known && known.until > systemNow()) return known.value as Promise<T>;
  const value = load();
  cache.set(key, { until: systemNow() + CACHE_MS, value });
  // What is not there may be made the next moment by somebody who then expects it to work.
  value.then((found) => found === undefined && cache.delete(key)).catch(() => cache.delete(key));
  return value;
}

/** After a change in this execution environment; the others follow within the cache time. */
export const forget = (): void => cache.clear();

export type InForce<S extends z.ZodObject> = {
  id: string;
  version: number;
  body: z.output<S>;
  archived?: boolean | undefined;
};

const asInForce = <S extends z.ZodObject>(schema: S, { id, version, body, archived }: Setting): InForce<S> => ({
  id,
  version,
  body: schema.parse(body),
  archived,
});

/** The setting in force, or undefined. Cached: what decides about money or rights must not rest on its very last version. */
export const inForce = <S extends z.ZodObject>(
  { kind, schema }: Kind<S>,
  id: string,
): Promise<InForce<S> | undefined> =>
  cached(`${kind}/${id}`, async () => {
    const found = await get(settings, { kind, id });
    return found && asInForce(schema, found);
  });

/** As `inForce`, with what holds where nothing was set up; that too is remembered for the cache time. */
export const inForceOr = <S extends z.ZodObject>(
  { kind, schema }: Kind<S>,
  id: string,
  otherwise: z.output<S>,
): Promise<InForce<S>> =>
  cached(`${kind}/${id}?`, async () => {
    const found = await get(settings, { kind, id });
    return found ? asInForce(schema, found) : { id, version: 0, body: otherwise };
  });

/** As `inForce`; refuses with 404 when there is none. */
export async function needInForce<S extends z.ZodObject>(kind: Kind<S>, id: string): Promise<InForce<S>> {
  const found = await inForce(kind, id);
  if (!found) throw refuse('not_found', { what: kind.kind, id });
  return found;
}

/** All settings of a kind that are not put away, by id. */
export const allInForce = <S extends z.ZodObject>({ kind, schema }: Kind<S>): Promise<InForce<S>[]> =>
  cached(kind, async () => {
    const items = await listAll(settings, { kind });
    return items.filter(({ archived }) => !archived).map((item) => asInForce(schema, item));
  });
