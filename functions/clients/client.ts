import * as z from 'zod';
import { eventType } from '#shared/events.ts';
import { personal } from '#shared/fields.ts';
import { Id } from '#shared/id.ts';
import { Name } from '#shared/text.ts';

export const ClientKind = z.enum(['organisation', 'person', 'household']);

/** Whom we sell to. A person or household needs no company fields; an organisation needs no tax number before its first document. */
export const Client = z.object({
  id: Id('client'),
  version: z.int(),
  storyId: z.string(),
  kind: ClientKind,
  name: Name().meta(personal),
  taxId: z.string().max(30).optional().meta(personal),
  ownerId: Id('user').optional(),
  /** A prospect becomes a counterparty with the first contract or invoice; only counterparties go to accounting. */
  standing: z.enum(['prospect', 'counterparty']),
  createdAt: z.string(),
});
export type Client = z.output<typeof Client>;

/** A person stands for a client: with which position and since when. */
export const Member = z.object({
  clientId: Id('client'),
  personId: Id('person'),
  position: z.string().max(200).optional(),
  since: z.string(),
});
export type Member = z.output<typeof Member>;

export const ClientCreated = eventType('client.created', { kind: ClientKind });
export const ClientJoined = eventType('client.joined', { personId: z.string() });
