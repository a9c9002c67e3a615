import type * as z from 'zod';
import { refuse, type Fault } from '#shared/errors.ts';
import { recordKey } from '#shared/owner.ts';
import { get, getItems, listAll } from '#shared/table/read.ts';
import type { Among, Kind, Reference, Setting } from './setting.ts';
import { settings } from './store.ts';
import { Looked, type Ties } from './tie.ts';

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

/** All settings as they would be once these are saved. */
const amongThem = (proposed: readonly Proposed[], looked: Looked): Among => ({
  async find(kind, id) {
    const one = proposed.find((other) => other.kind.kind === kind.kind && other.id === id);
    if (one) return one.body as z.output<typeof kind.schema>;
    const key = { kind: kind.kind, id };
    const found = await get(settings, key);
    looked.rests(key, found?.version);
    return found && kind.schema.parse(found.body);
  },
});

/**
 * Why bodies may not become settings, for each in turn: what its kind finds, the records it names that are not there, and
 * settings of other kinds that would not hold any more beside it. They are looked at together: one may name another.
 * `ties` go into the transaction that saves them.
 */
export async function faultsOf(
  proposed: readonly Proposed[],
  before: readonly (Setting | undefined)[],
  kinds: readonly Kind[],
): Promise<{ faults: Fault[][]; ties: Ties }> {
  const looked = new Looked();
  const among = amongThem(proposed, looked);
  const all: Fault[][] = [];
  for (const [place, { kind, id, body }] of proposed.entries()) {
    if (kind.ids && !kind.ids.includes(id)) {
      all.push([{ pointer: '/path/id', code: 'invalid_value', detail: `One of: ${kind.ids.join(', ')}` }]);
      continue;
    }
    const was = before[place];
    const own = await kind.check(body, was && kind.schema.parse(was.body), among);
    const others = await broken(kind, id, proposed, among, looked, kinds);
    all.push([...own, ...(await missing(kind.refers(body))), ...others]);
  }
  return { faults: all, ties: looked.ties() };
}

/** Settings that rest on one of this kind and would not hold beside it: rules that name a field that is no more. */
async function broken(
  changed: Kind,
  id: string,
  proposed: readonly Proposed[],
  among: Among,
  looked: Looked,
  kinds: readonly Kind[],
): Promise<Fault[]> {
  const resting = kinds.filter(({ restsOn }) => restsOn.includes(changed.kind));
  if (resting.length === 0) return [];
  await looked.changes({ kind: changed.kind, id });
  const faults: Fault[] = [];
  for (const kind of resting) {
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

/** What goes into the transaction when one body becomes a setting. @throws 422 rule_invalid with every fault */
export async function holding(one: Proposed, before: Setting | undefined, kinds: readonly Kind[]): Promise<Ties> {
  const { faults, ties } = await faultsOf([one], [before], kinds);
  mustHold(faults.flat());
  return ties;
}
