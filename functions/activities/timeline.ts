import * as z from 'zod';
import { recordRights } from '#functions/auth/record-right.ts';
import { allows, reaches } from '#functions/auth/rights.ts';
import { LetterView } from '#functions/mail/letter.ts';
import { letters } from '#functions/mail/store.ts';
import { FIELD_SETS, type FieldSetId } from '#functions/settings/field-set.ts';
import { fieldSetInForce } from '#functions/settings/custom.ts';
import type { Bilingual } from '#functions/settings/setting.ts';
import { refuse } from '#shared/errors.ts';
import { Actor, Change } from '#shared/events.ts';
import { Paged, PageQuery, pageOf } from '#shared/http/page.ts';
import { route } from '#shared/http/route.ts';
import { anyRecord, whoseIs } from '#shared/owner.ts';
import { openCursor, sealCursor } from '#shared/table/cursor.ts';
import { getItem, getMany, list, type Item } from '#shared/table/read.ts';
import type { User } from '#shared/user.ts';
import { Activity } from './activity.ts';
import type { Folded } from './fold.ts';
import { historyOf, type Part } from './history.ts';
import { activities, touches } from './store.ts';
import { fieldText } from './field-text.ts';
import { actorText, eventText } from './timeline-text.ts';

const Entry = z.object({
  id: z.string(),
  at: z.string(),
  kind: z.enum(['event', 'activity', 'letter']),
  /** What happened, in the reader's language. */
  text: z.string(),
  /** The event's own name. */
  type: z.string().optional(),
  by: z.object({ ...Actor.shape, text: z.string() }).optional(),
  /** By which operation, and for something that came in, by which channel and source. */
  from: z
    .object({ via: z.string().optional(), channel: z.string().optional(), source: z.string().optional() })
    .optional(),
  changes: z.array(Change.extend({ name: z.string() })).default([]),
  /** How many changes are told as one, and since when. */
  count: z.int().default(1),
  since: z.string().optional(),
  requestId: z.string().optional(),
  activity: Activity.optional(),
  letter: LetterView.optional(),
});
type Entry = z.output<typeof Entry>;

type Place = { R?: string; W?: string; T?: string };
type Found = { at: string; place: Place } & ({ folded: Folded } | { touch: string });
type Stream = AsyncGenerator<Found>;

async function* historyStream(record: Item, part: Part, before: string | undefined): Stream {
  for await (const folded of historyOf(record, part, before))
    yield { at: folded.event.at, place: { [part]: folded.oldest.place }, folded };
}

/** Activities and letters that stand on a record, the newest first. */
async function* touchStream(recordId: string, before: string | undefined): Stream {
  let cursor: string | undefined;
  do {
    const page = await list(touches, 'gsi2', { recordId }, { before, descending: true, cursor });
    for (const { id, at = '' } of page.items) yield { at, place: { T: `${at}#${id}` }, touch: id };
    cursor = page.cursor;
  } while (cursor !== undefined);
}

/** The newest of several sequences, each of which is in order, until there are enough; and whether there are more. */
async function merged(streams: readonly Stream[], limit: number): Promise<{ found: Found[]; more: boolean }> {
  const heads = await Promise.all(streams.map(async (stream) => ({ stream, head: await stream.next() })));
  const found: Found[] = [];
  for (;;) {
    const open = heads.flatMap((one) => (one.head.done ? [] : [{ one, value: one.head.value }]));
    const newest = open.toSorted((a, b) => (a.value.at < b.value.at ? 1 : -1))[0];
    if (!newest || found.length === limit) return { found, more: newest !== undefined };
    found.push(newest.value);
    newest.one.head = await newest.one.stream.next();
  }
}

type Reader = { user: User; locale: 'ru' | 'en'; labels: Readonly<Record<string, Bilingual>> };

function eventEntry({ event, changes, count, since }: Folded, { locale, labels }: Reader): Entry {
  const { id, at, type, by, via, data, requestId } = event;
  const said = (field: string): string | undefined => (typeof data[field] === 'string' ? data[field] : undefined);
  return {
    id,
    at,
    kind: 'event',
    type,
    text: eventText(type, data, locale),
    by: { ...by, text: actorText(by, locale) },
    from: {
      via: via ?? (by.kind === 'system' ? by.id : undefined),
      channel: said('channel'),
      source: said('sourceId'),
    },
    changes: changes.map((change) => ({ ...change, name: fieldText(change.field, locale, labels) })),
    count,
    ...(count > 1 && { since }),
    requestId,
  };
}

/** What the ids of a page stand for; what the reader may not read is left out. */
async function touchEntries(found: readonly Found[], { user }: Reader): Promise<Map<string, Entry>> {
  const ids = found.flatMap((one) => ('touch' in one ? [{ id: one.touch, at: one.at }] : []));
  const of = (prefix: string, right: string) =>
    ids.filter(({ id }) => id.startsWith(`${prefix}_`) && allows(user, right)).map(({ id }) => ({ id }));
  const when = new Map(ids.map(({ id, at }) => [id, at]));
  const base = (id: string) => ({ id, at: when.get(id) ?? '', changes: [], count: 1 });
  const [acts, mail] = await Promise.all([
    getMany(activities, of('activity', 'activity.read')),
    getMany(letters, of('letter', 'letter.read')),
  ]);
  return new Map<string, Entry>([
    ...acts.map((one) => [one.id, { ...base(one.id), kind: 'activity', text: one.subject, activity: one }] as const),
    ...mail.map(
      (one) => [one.id, { ...base(one.id), kind: 'letter', text: one.subject ?? one.purpose, letter: one }] as const,
    ),
  ]);
}

async function labelsOf(kind: string): Promise<Reader['labels']> {
  if (!FIELD_SETS.includes(kind as FieldSetId)) return {};
  const { fields } = await fieldSetInForce(kind as FieldSetId);
  return Object.fromEntries(fields.map(({ id, name }) => [id, name]));
}

/** A record of any kind, for somebody who may read it. @throws 404 otherwise */
async function readable(id: string, user: User): Promise<Item> {
  const item = await getItem(anyRecord.key({ id }));
  const kind = String(item?.['type']);
  const right = recordRights[kind];
  const owned = item && (await whoseIs(kind, item));
  if (item && right !== undefined && reaches(user, right, owned ?? { ownerId: 'unknown' })) return item;
  throw refuse('not_found', { what: 'record', id });
}

export const timelineRoute = route(
  'GET /timeline/{recordId}',
  {
    summary:
      'All that happened to a record, the newest first: events, activities and letters, each with who did what and from where; quick edits of one person are one entry',
    rights: 'story.read',
    query: PageQuery,
    returns: Paged(Entry),
  },
  async ({ params, query, user, locale }) => {
    const record = await readable(params.recordId, user);
    const id = String(record['id']);
    const seal = `timeline ${id}`;
    const page = pageOf(query);
    const { R, W, T } = (openCursor(page.cursor, seal) ?? {}) as Place;
    const streams = [historyStream(record, 'R', R), historyStream(record, 'W', W), touchStream(id, T)];
    const { found, more } = await merged(streams, page.limit);
    const reader = { user, locale, labels: await labelsOf(String(record['type'])) };
    const touched = await touchEntries(found, reader);
    const items = found.flatMap((one) =>
      'folded' in one ? eventEntry(one.folded, reader) : (touched.get(one.touch) ?? []),
    );
    const place: Place = Object.assign({ R, W, T }, ...found.map((one) => one.place));
    return { items, ...(more && { cursor: sealCursor(place, seal) }) };
  },
);
