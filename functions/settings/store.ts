import type * as z from 'zod';
import { refuse, type Fault } from '#shared/errors.ts';
import { systemNow } from '#shared/time.ts';
import { entity } from '#shared/table/entity.ts';
import { recordKey } from '#shared/owner.ts';
import { get, getItems, listAll } from '#shared/table/read.ts';
import { Setting, type Kind, type Reference } from './setting.ts';

export const settings = entity('setting', Setting, { part: 'R', recordId: ({ kind, id }) => `${kind}.${id}` });

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

export type InForce<S extends z.ZodObject> = { id: string; version: number; body: z.output<S> };

/** The setting in force, or undefined. Cached: what decides about money or rights must not rest on its very last version. */
export const inForce = <S extends z.ZodObject>(
  { kind, schema }: Kind<S>,
  id: string,
): Promise<InForce<S> | undefined> =>
  cached(`${kind}/${id}`, async () => {
    const found = await get(settings, { kind, id });
    return found && { id, version: found.version, body: schema.parse(found.body) };
  });

/** As `inForce`, with what holds where nothing was set up; that too is remembered for the cache time. */
export const inForceOr = <S extends z.ZodObject>(
  { kind, schema }: Kind<S>,
  id: string,
  otherwise: z.output<S>,
): Promise<InForce<S>> =>
  cached(`${kind}/${id}?`, async () => {
    const found = await get(settings, { kind, id });
    return found ? { id, version: found.version, body: schema.parse(found.body) } : { id, version: 0, body: otherwise };
  });

/** As `inForce`; refuses with 404 when there is none. */
export async function needInForce<S extends z.ZodObject>(kind: Kind<S>, id: string): Promise<InForce<S>> {
  const found = await inForce(kind, id);
  if (!found) throw refuse('not_found', { what: kind.kind, id });
  return found;
}

/** All settings of a kind, by id. */
export const allInForce = <S extends z.ZodObject>({ kind, schema }: Kind<S>): Promise<InForce<S>[]> =>
  cached(kind, async () => {
    const items = await listAll(settings, { kind });
    return items.map(({ id, version, body }) => ({ id, version, body: schema.parse(body) }));
  });

/** Records that a body names and that are not there, or are something else. */
async function missing(references: readonly Reference[]): Promise<Fault[]> {
  const named = references.filter(({ kind, id }) => id.startsWith(`${kind}_`));
  const items = await getItems(named.flatMap(({ id }) => recordKey(id) ?? []));
  const there = new Set(items.map(({ id }) => id));
  return references
    .filter(({ kind, id }) => !id.startsWith(`${kind}_`) || !there.has(id))
    .map(({ pointer, kind, id }) => ({ pointer, code: 'not_found', detail: `There is no ${kind} ${id}.` }));
}

/** Why a body may not become the setting with this id: what its kind finds, and the records it names that are not there. */
export async function faultsOf<S extends z.ZodObject>(
  { check, ids, refers }: Kind<S>,
  id: string,
  body: z.output<S>,
  before: z.output<S> | undefined,
): Promise<Fault[]> {
  if (ids && !ids.includes(id))
    return [{ pointer: '/path/id', code: 'invalid_value', detail: `One of: ${ids.join(', ')}` }];
  return [...(await check(body, before)), ...(await missing(refers(body)))];
}
