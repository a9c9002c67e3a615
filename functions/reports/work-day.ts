import * as z from 'zod';
import { Activity } from '#functions/activities/activity.ts';
import { activities } from '#functions/activities/store.ts';
import { allows, ownerAsked } from '#functions/auth/rights.ts';
import { LeadWork } from '#functions/leads/lead.ts';
import { leadWorks } from '#functions/leads/store.ts';
import { Id } from '#shared/id.ts';
import { Paged, PageQuery, pageOf } from '#shared/http/page.ts';
import { route } from '#shared/http/route.ts';
import { openCursor, sealCursor } from '#shared/table/cursor.ts';
import { getMany, list } from '#shared/table/read.ts';
import { addDays, dateIn, startOfDay } from '#shared/time.ts';

/** One thing to be done: an activity, or the first step of a lead for which nobody made one yet. */
const Line = z.object({
  id: z.string(),
  at: z.string(),
  kind: z.string(),
  text: z.string(),
  /** What it is about. */
  recordId: z.string(),
  activity: Activity.optional(),
  lead: LeadWork.optional(),
});
type Line = z.output<typeof Line>;

type Range = { ownerId: string; from: string; to: string; limit: number };
type Place = { at: string; id: string };
/** The states in which a lead is worked on; one that was put off lies apart. */
const LEAD_STATES = ['new', 'working', 'qualified'] as const;

const between = (state: string, { from, to, limit }: Range) => ({
  from: `${state}#${from}`,
  before: `${state}#${to}`,
  // One beyond the page, and the one the page before ended with.
  limit: limit + 2,
});

async function activityLines(range: Range): Promise<Line[]> {
  const { items } = await list(activities, 'gsi1', { ownerId: range.ownerId }, between('open', range));
  return items.map((activity) => ({
    id: activity.id,
    at: activity.nextAt ?? '',
    kind: activity.kind,
    text: activity.subject,
    recordId: activity.recordId,
    activity,
  }));
}

async function leadLines(range: Range): Promise<Line[]> {
  const pages = await Promise.all(
    LEAD_STATES.map((state) => list(leadWorks, 'gsi1', { ownerId: range.ownerId }, between(state, range))),
  );
  return pages.flatMap(({ items }) =>
    items.map((lead) => ({
      id: lead.id,
      at: lead.nextAt,
      kind: lead.next?.kind ?? 'task',
      text: lead.next?.text ?? '',
      recordId: lead.id,
      lead,
    })),
  );
}

/** Without what stands there by an activity of its own, what was put away, and what is about a lead that was put off. */
async function shown(lines: readonly Line[]): Promise<Line[]> {
  const about = lines.filter(({ activity, recordId }) => activity && recordId.startsWith('lead_'));
  const found = await getMany(
    leadWorks,
    about.map(({ recordId }) => ({ id: recordId })),
  );
  const off = new Set(found.filter(({ state }) => state === 'postponed').map(({ id }) => id));
  return lines.filter(({ lead, recordId }) =>
    lead
      ? lead.next !== undefined && lead.nextActivityId === undefined && lead.archivedAt === undefined
      : !off.has(recordId),
  );
}

const order = (a: Place, b: Place): number => (`${a.at}#${a.id}` < `${b.at}#${b.id}` ? -1 : 1);

/** All that is to be done between two moments after a place, the earliest first: as much as is sure to be in order. */
async function linesAfter(range: Range, withLeads: boolean, last: Place | undefined) {
  const rest = last ? { ...range, from: last.at } : range;
  const found = [...(await activityLines(rest)), ...(withLeads ? await leadLines(rest) : [])];
  const open = found.filter((line) => !last || order(last, line) < 0).sort(order);
  return { lines: open.slice(0, range.limit), more: open.length > range.limit };
}

/** What is hidden makes a page shorter; after so many looks it is answered as it is. */
const MAX_LOOKS = 5;

async function workPage(range: Range, withLeads: boolean, cursor: string | undefined) {
  const seal = `work ${range.ownerId}`;
  let last = openCursor(cursor, seal) as Place | undefined;
  const items: Line[] = [];
  for (let look = 1; ; look += 1) {
    const { lines, more } = await linesAfter({ ...range, limit: range.limit - items.length }, withLeads, last);
    items.push(...(await shown(lines)));
    const end = lines.at(-1);
    if (end) last = { at: end.at, id: end.id };
    if (!more || !last) return { items };
    if (items.length === range.limit || look === MAX_LOOKS) return { items, cursor: sealCursor(last, seal) };
  }
}

const Query = z.object({ owner: Id('user').optional(), ...PageQuery.shape });

const workRoute = (what: 'today' | 'overdue', summary: string) =>
  route(
    `GET /work/${what}`,
    { summary, rights: 'activity.read', query: Query, returns: Paged(Line) },
    async ({ query, user, now }) => {
      const ownerId = ownerAsked(user, 'activity.read', query.owner);
      const today = dateIn(user.zone, now);
      const { limit, cursor } = pageOf(query);
      const range =
        what === 'today'
          ? { from: startOfDay(user.zone, today), to: startOfDay(user.zone, addDays(today, 1)) }
          : { from: '', to: now };
      return workPage({ ...range, ownerId, limit }, allows(user, 'lead.read'), cursor);
    },
  );

export const workRoutes = [
  workRoute(
    'today',
    'What is to be done today, by the time of it: activities and first steps of leads, mine unless said',
  ),
  workRoute('overdue', 'What was to be done by now and is not, the longest overdue first; mine unless said'),
];
