import { fill, type EntityName } from '#shared/table/keys.ts';
import { text, type Broken, type Item, type Table } from './invariant-table.ts';

/** The kinds of items that change only together with an event, and which part of their record they are. */
export const PARTS: Readonly<Partial<Record<EntityName, 'R' | 'W'>>> = {
  setting: 'R',
  user: 'R',
  team: 'R',
  person: 'R',
  client: 'R',
  product: 'R',
  raw: 'R',
  visit: 'R',
  lead: 'R',
  leadWork: 'W',
  deal: 'R',
  dealWork: 'W',
  approval: 'R',
  approvalRun: 'W',
  order: 'R',
  letter: 'R',
  job: 'R',
  key: 'R',
  member: 'R',
  pair: 'R',
  consent: 'R',
  activity: 'R',
  activityWork: 'W',
  merge: 'R',
  erasure: 'R',
  externalId: 'R',
  webhook: 'R',
  view: 'R',
  segment: 'R',
  segmentMember: 'R',
  channelWatch: 'W',
};

/** The id under which events name a record, where that is not its `id`. */
const IDS: Readonly<Partial<Record<EntityName, string>>> = {
  setting: '{kind}.{id}',
  approvalRun: '{approvalId}',
  member: '{clientId}/{personId}',
  pair: '{oneId}/{otherId}',
  consent: 'consent_{hash}/{purpose}',
  segmentMember: '{segmentId}/{recordId}',
  channelWatch: 'channel.{id}',
};

type Ref = { entity: string; id: string; part: string; version: number };
/** A run of an approval counts on within its round: the versions of round 2 begin at 2000. */
const ROUND = 1000;

const idOf = (item: Item): string => fill(IDS[text(item['type']) as EntityName] ?? '{id}', item) ?? '';

/** Every version of every record was told, by an event of its own or as touched by another; and no version twice. */
export function* eventFaults(table: Table): Generator<Broken> {
  const rule = 'events';
  const told = new Map<string, Set<number>>();
  for (const event of table.of('event')) {
    const refs = [event['record'] as Ref, ...((event['touched'] as Ref[] | undefined) ?? [])];
    for (const { entity, id, part, version } of refs) {
      const key = `${entity} ${id} ${part}`;
      told.set(key, (told.get(key) ?? new Set()).add(version));
    }
    const { part, version } = event['record'] as Ref;
    if (!text(event['place']).startsWith(`${part}${String(version).padStart(10, '0')}#`))
      yield { rule, id: text(event['id']), why: `its place ${text(event['place'])} is not that of version ${version}` };
  }
  for (const item of table.items) {
    const part = PARTS[text(item['type']) as EntityName];
    if (part === undefined) continue;
    const key = `${text(item['type'])} ${idOf(item)} ${part}`;
    const versions = told.get(key) ?? new Set();
    const last = Number(item['version']);
    const first = item['type'] === 'approvalRun' ? Number(item['round']) * ROUND : 1;
    for (let version = first; version <= last; version += 1)
      if (!versions.has(version)) yield { rule, id: key, why: `no event tells of version ${version} of ${last}` };
    if (item['type'] !== 'approvalRun' && [...versions].some((version) => version > last))
      yield { rule, id: key, why: `an event tells of a later version than ${last}` };
  }
}
