import * as z from 'zod';
import { eventType, eventTypes } from '#shared/events.ts';
import type { Fault } from '#shared/errors.ts';
import { Line } from '#shared/text.ts';

const TypeName = z.string().regex(/^(\*|[a-z][a-z-]*\.(\*|[a-z][a-z-]*))$/, {
  error: 'a type of event such as deal.won, all of a noun such as deal.*, or *',
});

export const NewWebhook = z.object({
  url: z.string().min(1).max(2000),
  types: z.union([z.literal('*'), z.array(TypeName).min(1).max(100)]),
  description: Line(300).default(''),
});

/** An address that is told of events. */
export const Webhook = z.object({
  id: z.string(),
  version: z.int(),
  ...NewWebhook.shape,
  state: z.enum(['active', 'disabled']),
  /** Why and since when it is disabled: what happened since then was not told. */
  reason: z.string().optional(),
  disabledAt: z.string().optional(),
  createdBy: z.string(),
  createdAt: z.string(),
  /** Since when it signs with its present secret; the one before signs too for a day. */
  secretAt: z.string(),
});
export type Webhook = z.output<typeof Webhook>;

/** The secret is answered by the call that makes it and never again. */
export const WebhookMade = Webhook.extend({ secret: z.string().optional() });

/** Who sends for a webhook now, and since when nothing arrived. */
export const WebhookWork = z.object({
  webhookId: z.string(),
  lease: z.string(),
  leaseUntil: z.string(),
  failingSince: z.string().nullish(),
});

export const WebhookAdded = eventType('webhook.added', {});
export const WebhookChanged = eventType('webhook.changed', {});
export const WebhookEnabled = eventType('webhook.enabled', {});
export const WebhookDisabled = eventType('webhook.disabled', { why: z.string(), byItself: z.boolean() });
export const WebhookSecretChanged = eventType('webhook.secret-changed', {});

export const typesOf = ({ types }: Pick<Webhook, 'types'>): readonly string[] => (types === '*' ? ['*'] : types);

/** Deliveries are the machine's own: no webhook is told of them. */
export const isTold = (type: string): boolean => !type.startsWith('delivery.');

/** Types that no event has: a slip of the pen would never be noticed. */
export function typeFaults({ types }: Pick<Webhook, 'types'>): Fault[] {
  const known = [...eventTypes()].filter(isTold);
  return typesOf({ types }).flatMap((type, at): Fault[] => {
    const fits = known.some((one) => type === '*' || one === type || one.startsWith(type.replace(/\*$/, '')));
    return fits && (type.endsWith('*') || known.includes(type))
      ? []
      : [{ pointer: `/body/types/${at}`, code: 'invalid_value', detail: `There are no events ${type}.` }];
  });
}
