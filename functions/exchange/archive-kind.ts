import { canonicalJson } from '#shared/json.ts';
import { keys, keysOf, type EntityName } from '#shared/table/keys.ts';

/** What an archive does not hold, and why. Events have a file of their own, in the order of the feed. */
const LEFT_OUT: Partial<Record<EntityName, string>> = {
  event: 'told in the order of the feed',
  feed: 'made again from the events',
  feedHead: 'made again from the events',
  marker: 'made again from the events',
  idem: 'answers repeated requests for two days',
  rate: 'counts a minute',
  rawKey: 'tells two equal posts apart for ten minutes',
  turn: 'whose turn it is begins anew',
  sweep: 'how far a sweep of this installation has come',
  secret: 'a secret',
  token: 'a secret: links in letters lead to this installation',
  key: 'a secret',
  keyUse: 'goes with a key',
  webhook: 'another system is told by one installation only',
  webhookKey: 'a secret',
  webhookWork: 'goes with a webhook',
  delivery: 'goes with a webhook',
  approvalRun: 'a run of a workflow of this installation',
  job: 'work of this installation',
  jobRow: 'goes with a job',
  importedFile: 'goes with a job',
};

/** Every kind of item that an archive holds, in the order in which it is written and read: users first, who sign in. */
export const archivedKinds: readonly EntityName[] = [
  'user',
  ...(Object.keys(keys) as EntityName[]).filter((kind) => kind !== 'user' && LEFT_OUT[kind] === undefined).sort(),
];
const known: ReadonlySet<string> = new Set(archivedKinds);
export const isArchived = (kind: unknown): kind is EntityName => typeof kind === 'string' && known.has(kind);

/** Whose events are history: of what an archive holds, and of runs of workflows, which is the history of their approvals. */
export const isTold = (kind: string): boolean => isArchived(kind) || kind === 'approvalRun';

const KEYS = /^(pk|sk|type|gsi[123][ps]k|restored)$/;

/** An item as a line of an archive: its fields alone, in one order. Where it lies follows from them. */
export const lineOf = (item: Readonly<Record<string, unknown>>): string =>
  canonicalJson(Object.fromEntries(Object.entries(item).filter(([name]) => !KEYS.test(name))));

/** A line of an archive as the item it was; an event says that it was told before, elsewhere. */
export function itemOf(kind: EntityName, line: string): Record<string, unknown> {
  const fields = JSON.parse(line) as Record<string, unknown>;
  return { ...fields, type: kind, ...keysOf(kind, fields), ...(kind === 'event' && { restored: true }) };
}

/** The file of a kind of item in an archive. */
export const fileOf = (kind: EntityName): string => (kind === 'event' ? 'events.jsonl' : `records/${kind}.jsonl`);
