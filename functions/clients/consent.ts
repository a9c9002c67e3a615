import * as z from 'zod';
import { eventType } from '#shared/events.ts';
import { personal } from '#shared/fields.ts';

/** What an address may be used for, as the firm calls it: marketing, service, calls. */
export const Purpose = z.string().regex(/^[a-z0-9][a-z0-9-]{0,40}$/, {
  error: 'lower-case Latin letters, digits and hyphens, at most 41',
});
export const ConsentState = z.enum(['given', 'withdrawn']);
const ConsentSource = z.object({ kind: z.enum(['form', 'user', 'link', 'import']), id: z.string() });

/** What somebody said about one address and one purpose, last; what he said before is in the events. */
export const Consent = z.object({
  hash: z.string(),
  purpose: z.string(),
  version: z.int(),
  /** Gone when its owner was erased: what was said about the address is still known by the hash. */
  address: z.string().optional().meta(personal),
  state: ConsentState,
  at: z.string(),
  source: ConsentSource,
  /** Which wording he agreed to. */
  textVersion: z.string().optional(),
  /** The request and the address on the net it came from, or what a person noted. */
  rawId: z.string().optional(),
  ip: z.string().optional().meta(personal),
  proof: z.string().optional().meta(personal),
});
export type Consent = z.output<typeof Consent>;

const Said = {
  purpose: z.string(),
  source: ConsentSource,
  textVersion: z.string().optional(),
  rawId: z.string().optional(),
};
export const ConsentGiven = eventType('consent.given', Said);
export const ConsentWithdrawn = eventType('consent.withdrawn', Said);

/** What was said about an address and a purpose. Who said no gets nothing; who said nothing gave no leave either. */
export type Leave = 'given' | 'withdrawn' | 'none';
export const leaveOf = (consent: Pick<Consent, 'state'> | undefined): Leave => consent?.state ?? 'none';
