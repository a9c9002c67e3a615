import { Member, MemberChanged, united } from '#functions/clients/member.ts';
import { members } from '#functions/clients/store.ts';
import { sameJson } from '#shared/json.ts';
import { listAll, listWhole, type Read } from '#shared/table/read.ts';
import type { Decision } from '#shared/command.ts';
import type { Child, Moving } from './merge-kind.ts';

type Side = 'clientId' | 'personId';
type Key = Pick<Member, 'clientId' | 'personId'>;
const keyIn = (id: string): Key => {
  const [clientId = '', personId = ''] = id.split('/');
  return { clientId, personId };
};
const idOf = ({ clientId, personId }: Key): string => `${clientId}/${personId}`;
type Periods = Pick<Member, 'position' | 'since' | 'until' | 'earlier'>;
const periodsOf = ({ position, since, until, earlier }: Member): Periods => ({ position, since, until, earlier });
const told = (write: ReturnType<typeof members.create>, key: Key) =>
  MemberChanged.of(write, { clientId: key.clientId, personId: key.personId });

/**
 * A link of a client and a person has both in its key: it does not move but becomes part of the survivor's link, which gets
 * its periods; the old one names the new.
 */
async function move(
  read: Read,
  id: string,
  side: Side,
  { from, to }: { from: string; to: string },
): Promise<Moving | undefined> {
  const key = keyIn(id);
  const link = await read.get(members, key);
  if (!link || link.mergedInto !== undefined || link[side] !== from) return undefined;
  const target = { ...key, [side]: to };
  const there = await read.get(members, target);
  const alive = there && there.mergedInto === undefined ? there : undefined;
  const periods = alive ? united(alive, link) : periodsOf(link);
  const write = there
    ? members.save(there, { ...periods, mergedInto: undefined })
    : members.create({ ...target, ...periods, version: 1 });
  const gone = members.save(link, { mergedInto: idOf(target) });
  return {
    decision: { writes: [write, gone], events: [told(write, target), told(gone, key)] },
    before: { made: periods, ...(alive && { link: periodsOf(alive) }) },
  };
}

type Before = { made: Periods; link?: Periods };

/** The old link is itself again; the survivor's gets back what it was, unless somebody changed it since. */
async function back(read: Read, id: string, before: Before): Promise<Decision | { why: string }> {
  const key = keyIn(id);
  const link = await read.get(members, key);
  if (link?.mergedInto === undefined) return { why: 'it is a link of its own already' };
  const target = keyIn(link.mergedInto);
  const there = await read.get(members, target);
  const own = members.save(link, { mergedInto: undefined });
  const events = [told(own, key)];
  if (!there || !sameJson(periodsOf(there), before.made)) return { writes: [own], events };
  const write = members.save(there, before.link ?? { mergedInto: idOf(key) });
  return { writes: [own, write], events: [...events, told(write, target)] };
}

const linksOf = (kind: string, of: 'person' | 'client', side: Side, all: (id: string) => Promise<Member[]>): Child => ({
  kind,
  of: [of],
  list: async (id) => (await all(id)).filter(({ mergedInto }) => mergedInto === undefined).map(idOf),
  move: (read, id, to) => move(read, id, side, to),
  back: (read, { recordId, before }) => back(read, recordId, before as unknown as Before),
});

async function clientsOf(personId: string): Promise<Member[]> {
  const found: Member[] = [];
  let cursor: string | undefined;
  do {
    const page = await listWhole(members, 'gsi2', { personId, clientId: 'client_' }, { limit: 100, cursor });
    found.push(...page.items);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return found;
}

export const memberLinks: readonly Child[] = [
  linksOf('client-link', 'person', 'personId', clientsOf),
  linksOf('person-link', 'client', 'clientId', (clientId) => listAll(members, { clientId, personId: 'person_' })),
];
