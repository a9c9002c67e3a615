/**
 * The whole key design of the one table: every kind of item and every way it is read.
 * `{field}` stands for a field of the item; an index with a missing field leaves the item out of it.
 * gsi1 = work lists (ALL), gsi2 = belongs-to (projected: `PROJECTED`), gsi3 = due and queues (keys only).
 * `what` and the index are printed as the access-pattern table of the README.
 */
type Key = readonly [pk: string, sk: string];
export type KeyDesign = {
  item: Key;
  gsi1?: Key;
  gsi2?: Key;
  gsi3?: Key;
  what: string;
  /** The field that says whose a record is where it has no owner of its own: a user, or the record it goes with. */
  whose?: string;
};

export const keys = {
  setting: { item: ['SETTING#{kind}', '{id}'], what: 'a setting by kind and id; all of a kind in one query' },
  settingVersion: {
    item: ['SETTINGS#{kind}.{id}', 'V#{place}'],
    what: 'every version of a setting, in order',
  },
  settingUse: {
    item: ['SETTINGS#{kind}.{id}', 'USE'],
    what: 'how often settings that rest on this one were saved: it is not changed past one of them',
  },
  settingDraft: { item: ['SETTINGS#{kind}.{id}', 'DRAFT'], what: 'what somebody prepares for a setting' },
  user: { item: ['USER#{id}', 'USER'], gsi2: ['USERS', '{name}#{id}'], what: 'a user; all users by name' },
  team: { item: ['TEAM#{id}', 'TEAM'], gsi2: ['TEAMS', '{name}#{id}'], what: 'a team with its members; all teams' },
  key: {
    item: ['KEY#{id}', 'KEY'],
    gsi2: ['KEYS', '{id}'],
    what: 'a key by which another system acts in the name of its maker; all keys',
    whose: 'userId',
  },
  keyUse: { item: ['KEY#{id}', 'USE'], what: 'when a key was used last' },
  identity: { item: ['ID#{kind}#{value}', 'ID'], what: 'who owns an e-mail, phone, tax number, SKU or sign-in' },
  person: { item: ['PERSON#{id}', 'PERSON'], what: 'a human' },
  was: {
    item: ['PERSON#{personId}', 'WAS#{eventId}'],
    what: 'old personal values of a change, erasable with the person',
  },
  client: { item: ['CLIENT#{id}', 'CLIENT'], what: 'an organisation, person or household we sell to' },
  member: {
    item: ['CLIENT#{clientId}', 'PERSON#{personId}'],
    gsi2: ['PERSON#{personId}', 'CLIENT#{clientId}'],
    what: 'the people of a client; the clients of a person',
  },
  pair: {
    item: ['PAIR#{oneId}', '{otherId}'],
    gsi2: ['PAIR#{otherId}', '{oneId}'],
    what: 'two records that may be one, or that somebody said are two; from both sides',
  },
  consent: {
    item: ['CONSENT#{hash}', '{purpose}'],
    what: 'whether we may write to or call an address for a purpose',
  },
  product: {
    item: ['PRODUCT#{id}', 'PRODUCT'],
    gsi2: ['PRODUCTS#{category}', '{sku}#{id}'],
    what: 'a product; the products of a category',
  },
  raw: {
    item: ['RAW#{id}', 'RAW'],
    gsi2: ['INTAKE#{sourceId}', '{at}#{id}'],
    gsi3: ['RAW#{attention}', '{at}#{id}'],
    what: 'a request as it came; of one form or hook by time; those that need a person, by state',
    whose: 'leadId',
  },
  visit: { item: ['VISIT#{id}', 'VISIT'], what: 'one visit of somebody who has not said who he is' },
  channelWatch: {
    item: ['CHANNEL#{id}', 'WATCH'],
    what: 'whether a channel is silent, and its last lead when that was noticed',
  },
  rawKey: { item: ['RAWKEY#{sourceId}#{key}', 'RAWKEY'], what: 'the claim that makes two equal posts one' },
  rate: { item: ['RATE#{sourceId}#{address}#{minute}', 'RATE'], what: 'posts of one address in one minute' },
  turn: { item: ['TURN#{id}', 'TURN'], what: 'whose turn it is in a team' },
  lead: {
    item: ['LEAD#{id}', 'LEAD'],
    gsi2: ['PERSON#{personId}', 'LEAD#{id}'],
    what: 'a lead; the leads of a person',
  },
  leadWork: {
    item: ['LEAD#{id}', 'WORK'],
    gsi1: ['WORK#LEAD#{ownerId}', '{state}#{nextAt}#{id}'],
    what: "the machine's part of a lead; open leads of an owner by next action",
  },
  deal: {
    item: ['DEAL#{id}', 'DEAL'],
    gsi2: ['CLIENT#{clientId}', 'DEAL#{id}'],
    what: 'a deal; the deals of a client',
  },
  dealWork: {
    item: ['DEAL#{id}', 'WORK'],
    gsi1: ['WORK#DEAL#{ownerId}', '{state}#{nextAt}#{id}'],
    what: "the machine's part of a deal; open deals of an owner by next action",
  },
  approval: {
    item: ['APPROVAL#{id}', 'APPROVAL'],
    gsi2: ['APPROVALS#{subjectId}', '{askedAt}#{id}'],
    what: 'an approval; the approvals of a subject',
    whose: 'subjectId',
  },
  approvalRun: {
    item: ['APPROVAL#{approvalId}', 'RUN#{round}'],
    what: 'the token with which a round of a run is resumed',
  },
  ask: { item: ['APPROVAL#{approvalId}', 'ASK#{approverId}#{round}'], what: 'who was asked in which round' },
  token: { item: ['TOKEN#{hash}', 'TOKEN'], what: 'what a link in a letter opens' },
  order: {
    item: ['ORDER#{id}', 'ORDER'],
    gsi2: ['CLIENT#{clientId}', 'ORDER#{id}'],
    what: 'an order; the orders of a client',
  },
  letter: {
    item: ['LETTER#{id}', 'LETTER'],
    gsi2: ['LETTERS#{recordId}', '{queuedAt}#{id}'],
    gsi3: ['OUT#{priority}#{shard}', '{dueAt}#{id}'],
    what: 'a letter; the letters of a record with why each was sent or not; what waits to be sent',
    whose: 'recordId',
  },
  address: { item: ['ADDRESS#{email}', 'ADDRESS'], what: 'an address that must get no more letters, and why' },
  activity: {
    item: ['ACTIVITY#{id}', 'ACTIVITY'],
    gsi1: ['WORK#ACTIVITY#{ownerId}', '{state}#{nextAt}#{id}'],
    what: 'a task, call, meeting, note or letter; the open ones of an owner by when they are due',
  },
  activityWork: {
    item: ['ACTIVITY#{id}', 'WORK'],
    what: "the machine's part of an activity: of what it told its owner",
  },
  touch: {
    item: ['TOUCH#{recordId}', '{id}'],
    gsi2: ['TOUCHES#{recordId}', '{at}#{id}'],
    what: 'which activities and letters stand on a record; the same by time',
  },
  due: {
    item: ['DUE#{id}', 'DUE'],
    gsi3: ['DUE#{shard}', '{at}#{id}'],
    what: 'what is to happen at a time; what still waits, by time',
  },
  view: {
    item: ['VIEW#{id}', 'VIEW'],
    gsi2: ['VIEWS#{holder}', '{name}#{id}'],
    what: 'a saved view of a list; the views of a user, and those of everybody',
  },
  segment: {
    item: ['SEGMENT#{id}', 'SEGMENT'],
    gsi2: ['SEGMENTS#{shelf}', '{name}#{id}'],
    what: 'a segment; all segments in use',
  },
  segmentMember: {
    item: ['SEGMENT#{segmentId}', 'IN#{recordId}'],
    gsi2: ['IN#{recordId}', '{segmentId}'],
    what: 'why and since when a record is in a segment; the segments of a record',
  },
  job: {
    item: ['JOB#{id}', 'JOB'],
    gsi2: ['JOBS#{userId}', '{startedAt}#{id}'],
    what: 'long work with its progress',
    whose: 'userId',
  },
  jobRow: {
    item: ['JOB#{jobId}', 'ROW#{n}'],
    gsi2: ['JOBROWS#{recordId}', '{jobId}#{n}'],
    gsi3: ['JOBROWS#{jobId}#{result}', '{n}'],
    what: 'what long work did in each of its steps; what jobs did to a record; the steps of a job that failed',
  },
  merge: {
    item: ['MERGE#{id}', 'MERGE'],
    gsi2: ['MERGES#{survivorId}', '{at}#{id}'],
    whose: 'survivorId',
    what: 'records that were made one, and how to undo it; the merges into a record',
  },
  mergeRow: { item: ['MERGE#{mergeId}', 'ROW#{from}#{recordId}'], what: 'what a merge moved to its survivor' },
  erasure: {
    item: ['ERASURE#{id}', 'ERASURE'],
    gsi2: ['ERASURES#{personId}', '{at}#{id}'],
    what: "the erasure of a person's data, and what it kept and why",
  },
  importedFile: { item: ['IMPORTED#{kind}#{hash}', 'IMPORTED'], what: 'the job that imported a file first' },
  secret: { item: ['SECRET#{sourceId}', 'SECRET'], what: "a source's signing secret, encrypted" },
  event: {
    item: ['EVENT#{recordId}', '{place}'],
    gsi2: ['STORY#{storyId}', '{at}#{position}#{id}'],
    what: 'the history of a record; the events of a story in order',
  },
  join: { item: ['STORY#{storyId}', 'JOIN#{otherId}'], what: 'another story that met this one' },
  feed: { item: ['FEED#{lane}#{month}', '{seq}'], what: 'the ordered log of everything, four lanes' },
  feedHead: { item: ['FEED#{lane}', 'HEAD'], what: 'the last place of a lane' },
  marker: { item: ['FED#{eventId}', 'FED'], what: 'where an event lies in the feed' },
  idem: { item: ['IDEM#{principal}#{key}', 'IDEM'], what: 'a command that was done, for its repeat' },
  externalId: {
    item: ['EXT#{system}#{value}', 'EXT'],
    gsi2: ['EXTS#{recordId}', '{system}#{value}'],
    what: 'what another system calls a record; all such names of a record',
  },
  webhook: { item: ['WEBHOOKS', '{id}'], what: 'the addresses that are told of events; all in one query' },
  webhookKey: { item: ['HOOKKEY#{webhookId}', 'KEY'], what: 'the secrets a webhook signs with, encrypted' },
  webhookWork: { item: ['HOOKWORK#{webhookId}', 'WORK'], what: 'who sends for a webhook now, and since when it fails' },
  delivery: {
    item: ['DELIVERY#{id}', 'DELIVERY'],
    gsi1: ['FAILED#{webhookId}', '{failedAt}#{id}'],
    gsi2: ['DELIVERIES#{webhookId}', '{createdAt}#{id}'],
    gsi3: ['HOOKQUEUE#{webhookId}', '{dueAt}#{id}'],
    what: 'an event on its way to a webhook; all of a webhook, those that failed, those that wait by when they are due',
  },
  sweep: { item: ['SWEEP#{id}', 'SWEEP'], what: 'how far a sweep has come' },
} as const satisfies Record<string, KeyDesign>;

export type EntityName = keyof typeof keys;
export type IndexName = 'gsi1' | 'gsi2' | 'gsi3';

/** What gsi2 carries beside the keys: enough for a history without another read. */
export const PROJECTED =
  'type id name version kind recordId place position at by data record touched changes storyId cause depth requestId'.split(
    ' ',
  );

/** Fills a key template from the fields of an item; undefined when one is missing. */
export function fill(template: string, fields: Readonly<Record<string, unknown>>): string | undefined {
  let whole = true;
  const text = template.replaceAll(/\{(\w+)\}/g, (_, field: string) => {
    const value = fields[field];
    if (value === undefined || value === null || value === '') whole = false;
    return String(value);
  });
  return whole ? text : undefined;
}

/** The longest beginning of a key template that the given fields can fill: what a query may begin with. */
export function beginning(template: string, fields: Readonly<Record<string, unknown>>): string {
  const missing = [...template.matchAll(/\{(\w+)\}/g)].find(([, field]) => fields[field ?? ''] === undefined);
  return fill(template.slice(0, missing?.index ?? template.length), fields) ?? '';
}

/** The primary and index keys of an item. */
export function keysOf(name: EntityName, item: Readonly<Record<string, unknown>>): Record<string, string> {
  const design: KeyDesign = keys[name];
  const found: Record<string, string> = primaryKey(name, item);
  for (const index of ['gsi1', 'gsi2', 'gsi3'] as const) {
    const [pk, sk] = (design[index] ?? []).map((template) => fill(template, item));
    if (pk === undefined || sk === undefined) continue;
    // A record that was put away is in nobody's work list.
    if (index === 'gsi1' && item['archivedAt'] !== undefined) continue;
    found[`${index}pk`] = pk;
    found[`${index}sk`] = sk;
  }
  return found;
}

export function primaryKey(name: EntityName, fields: Readonly<Record<string, unknown>>): { pk: string; sk: string } {
  const [pk, sk] = keys[name].item.map((template) => fill(template, fields));
  if (pk === undefined || sk === undefined)
    throw new TypeError(`The key of ${name} needs ${keys[name].item.join(' and ')}.`);
  return { pk, sk };
}

/** The text before the first field of a partition key, as IAM's LeadingKeys need it: `LEAD#` → `LEAD#*`. */
export const leadingKey = (name: EntityName): string => `${keys[name].item[0].split('{')[0]}*`;
