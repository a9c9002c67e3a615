import { createHash } from 'node:crypto';
import * as z from 'zod';
import { eventType } from '#shared/events.ts';
import { personal } from '#shared/fields.ts';
import { Line } from '#shared/text.ts';

/** A number that a visitor's browser made up and keeps. */
const Visitor = z.string().regex(/^[\w-]{16,64}$/, { error: '16 to 64 letters, digits, - and _' });

/** What is known of where somebody came from, by the names that advertising gives it. */
export const Campaign = z.record(z.string().regex(/^(utm_\w{1,30}|gclid|yclid)$/), Line(200));
export type Campaign = z.output<typeof Campaign>;

export const NewVisit = z.object({
  visitor: Visitor,
  page: z.string().max(2000),
  referrer: z.string().max(2000).default(''),
  campaign: Campaign.default({}),
});

/** One visit of somebody who has not said who he is. Addresses are kept without what stands after `?`: it may name him. */
export const Visit = z.object({
  id: z.string(),
  version: z.int(),
  storyId: z.string(),
  formId: z.string(),
  channel: z.string(),
  at: z.string(),
  page: z.string().meta(personal),
  referrer: z.string().meta(personal),
  campaign: z.record(z.string(), z.string()).meta(personal),
});

export const VisitRecorded = eventType('visit.recorded', { formId: z.string(), channel: z.string() });

/** The story of a visitor, until he says who he is: then it is met by that of the person. */
export const visitorStory = (visitor: string): string =>
  `story_visitor-${createHash('sha256').update(visitor).digest('hex').slice(0, 32)}`;

/** The visitor's number in what a form sent, if it is one. */
export function visitorIn(value: unknown): string | undefined {
  const given =
    typeof value === 'object' && value !== null ? (value as Record<string, unknown>)['_visitor'] : undefined;
  return Visitor.safeParse(given).data;
}

/** Where somebody came from, in what a form sent. */
export function campaignIn(value: unknown): Campaign {
  const fields = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  return Object.fromEntries(
    fields.flatMap(([name, one]) => {
      const parsed = Campaign.safeParse({ [name]: one });
      return parsed.success ? Object.entries(parsed.data) : [];
    }),
  );
}

/** An address without what stands after its path; empty for what is none. */
export function bareAddress(text: string): string {
  if (!URL.canParse(text)) return '';
  const { origin, pathname, protocol } = new URL(text);
  return /^https?:$/.test(protocol) ? `${origin}${pathname}`.slice(0, 1000) : '';
}
