import * as z from 'zod';
import { letters } from '#functions/mail/store.ts';
import { Campaign, campaignIn } from '#functions/marketing/visit.ts';
import { raws, visits } from '#functions/marketing/store.ts';
import { readBody } from '#shared/body.ts';
import type { Event } from '#shared/events.ts';
import { get } from '#shared/table/read.ts';

/** Something of ours that reached a person, or by which he reached us, before anybody spoke with him. */
export const Touch = z.object({
  at: z.string(),
  kind: z.enum(['visit', 'request', 'letter']),
  /** The record that tells more. */
  id: z.string(),
  channel: z.string().optional(),
  campaign: Campaign.optional(),
  page: z.string().optional(),
  referrer: z.string().optional(),
  /** What a letter was for. */
  purpose: z.string().optional(),
});
type Touch = z.output<typeof Touch>;

const DIRECT = 'lead.contacted';
const KINDS: Readonly<Record<string, Touch['kind']>> = {
  'visit.recorded': 'visit',
  'intake.received': 'request',
  'letter.sent': 'letter',
};

/** The first direct contact of a story, if there was one. */
export const firstContact = (events: readonly Event[]): string | undefined =>
  events.find(({ type }) => type === DIRECT)?.at;

/** What came before the first direct contact, the oldest first. `events` are those of the person's story, in order. */
export async function touchesIn(events: readonly Event[]): Promise<Touch[]> {
  const until = firstContact(events);
  const channels = new Map(
    events.flatMap(({ type, recordId, data }) =>
      type === 'lead.captured' ? [[recordId.replace(/^lead_/, 'raw_'), String(data['channel'])] as const] : [],
    ),
  );
  const before = events.filter(({ type, at }) => KINDS[type] !== undefined && (until === undefined || at <= until));
  return Promise.all(before.map((event) => touchOf(event, channels)));
}

async function touchOf({ type, at, recordId: id }: Event, channels: ReadonlyMap<string, string>): Promise<Touch> {
  const kind = KINDS[type] ?? 'request';
  if (kind === 'visit') {
    const { channel, campaign, page, referrer } = (await get(visits, { id })) ?? {};
    return { at, kind, id, channel, campaign, page, referrer };
  }
  if (kind === 'letter') return { at, kind, id, purpose: (await get(letters, { id }))?.purpose };
  const raw = await get(raws, { id });
  const read = raw && (await readBody(new Uint8Array(Buffer.from(raw.body, raw.encoding)), raw.contentType));
  return { at, kind, id, channel: channels.get(id), campaign: read && 'value' in read ? campaignIn(read.value) : {} };
}
