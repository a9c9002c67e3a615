import type * as z from 'zod';
import { refuse, type Fault } from '#shared/errors.ts';
import { recordKey } from '#shared/owner.ts';
import { get, getItems, listAll } from '#shared/table/read.ts';
import { unchanged, type Check } from '#shared/table/write.ts';
import type { Among, Kind, Reference, Setting } from './setting.ts';
import { settings } from './store.ts';

/** A body that is to become a setting. */
export type Proposed = { kind: Kind; id: string; body: z.output<z.ZodObject>; archived?: boolean | undefined };

/** Records that a body names and that are not there, or are something else. */
async function missing(references: readonly Reference[]): Promise<Fault[]> {
  const named = references.filter(({ kind, id }) => id.startsWith(`${kind}_`));
  const items = await getItems(named.flatMap(({ id }) => recordKey(id) ?? []));
  const there = new Set(items.map(({ id }) => id));
  return references
    .filter(({ kind, id }) => !id.startsWith(`${kind}_`) || !there.has(id))
    .map(({ pointer, kind, id }) => ({ pointer, code: 'not_found', detail: `There is no ${kind} ${id}.` }));
}

/** All settings as they would be once these are saved; what else was looked at must still be so when they are. */
function amongThem(proposed: readonly Proposed[]): Among & { seen: Map<string, Check> } {
  const seen = new Map<string, Check>();
  return {
    seen,
    async find(kind, id) {
      const one = proposed.find((other) => other.kind.kind === kind.kind && other.id === id);
      if (one) return one.body as z.output<typeof kind.schema>;
      const found = await get(settings, { kind: kind.kind, id });
      const key = settings.key({ kind: kind.kind, id });
      seen.set(
        `${kind.kind}/${id}`,
        found ? unchanged(key, found.version) : { key, ConditionExpression: 'attribute_not_exists(pk)' },
      );
      return found && kind.schema.parse(found.body);
    },
  };
}

/**
 * Why bodies may not become settings, for each in turn: what its kind finds, the records it names that are not there, and
 * settings of other kinds that would not hold any more beside it. They are looked at together: one may name another.
 * `checks` go into the transaction: a rule and the field it names, changed at one time by two people, do not pass each other.
 */
export async function faultsOf(
  proposed: readonly Proposed[],
  before: readonly (Setting | undefined)[],
  kinds: readonly Kind[],
): Promise<{ faults: Fault[][]; checks: Check[] }> {
  const among = amongThem(proposed);
  const all: Fault[][] = [];
  for (const [place, { kind, id, body }] of proposed.entries()) {
    if (kind.ids && !kind.ids.includes(id)) {
      all.push([{ pointer: '/path/id', code: 'invalid_value', detail: `One of: ${kind.ids.join(', ')}` }]);
      continue;
    }
    const was = before[place];
    const own = await kind.check(body, was && kind.schema.parse(was.body), among);
    const others = await broken(kind, proposed, among, kinds);
    all.push([...own, ...(await missing(kind.refers(body))), ...others]);
  }
  return { faults: all, checks: [...among.seen.values()] };
}

/** Settings that rest on one of this kind and would not hold beside it: rules that name a field that is no more. */
async function broken(
  changed: Kind,
  proposed: readonly Proposed[],
  among: Among,
  kinds: readonly Kind[],
): Promise<Fault[]> {
  const faults: Fault[] = [];
  for (const kind of kinds.filter(({ restsOn }) => restsOn.includes(changed.kind))) {
    for (const { id, name, body, archived } of await listAll(settings, { kind: kind.kind })) {
      if (archived || proposed.some((one) => one.kind.kind === kind.kind && one.id === id)) continue;
      const stored = kind.schema.parse(body);
      const found = await kind.check(stored, stored, among);
      faults.push(
        ...found.map(({ detail, pointer }) => ({
          pointer: '/body/body',
          code: 'in_use',
          detail: `The ${kind.kind} ${id} (${name}) would not hold any more at ${pointer.replace('/body/body', '')}: ${detail}`,
        })),
      );
    }
  }
  return faults;
}

/** @throws 422 rule_invalid with every fault */
export function mustHold(faults: readonly Fault[]): void {
  if (faults.length > 0) throw refuse('rule_invalid', { why: faults.map(({ detail }) => detail).join('; ') }, faults);
}

/** What must still be so when one body becomes a setting. @throws 422 rule_invalid with every fault */
export async function holding(
  one: Proposed,
  before: Setting | undefined,
  kinds: readonly Kind[],
): Promise<{ checks: Check[] }> {
  const { faults, checks } = await faultsOf([one], [before], kinds);
  mustHold(faults.flat());
  return { checks };
}
