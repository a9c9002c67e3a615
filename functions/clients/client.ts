import * as z from 'zod';
import { eventType } from '#shared/events.ts';
import { personal } from '#shared/fields.ts';
import { Id } from '#shared/id.ts';
import { changeFields, CustomValues, recordFields, removable } from '#shared/record-kind.ts';
import { fold, Line, Name } from '#shared/text.ts';

export const ClientKind = z.enum(['organisation', 'person', 'household']);

/** What every record has that may turn out to be the same as another one. */
export const mergeable = (prefix: string) => ({
  /** The record it was made one with: whoever comes to this one goes on to that. */
  mergedInto: Id(prefix).optional(),
  /** The last merge it took part in. */
  mergeId: Id('merge').optional(),
});

/** Whom we sell to. A person or household needs no company fields; an organisation needs no tax number before its first document. */
export const Client = z.object({
  id: Id('client'),
  version: z.int(),
  storyId: z.string(),
  kind: ClientKind,
  name: Name().meta(personal),
  taxId: z.string().max(30).optional().meta(personal),
  /** Tax numbers of records that became one with this. */
  otherTaxIds: z.array(z.string()).optional().meta(personal),
  ownerId: Id('user').optional(),
  /** A prospect becomes a counterparty with the first contract or invoice; only counterparties go to accounting. */
  standing: z.enum(['prospect', 'counterparty']),
  createdAt: z.string(),
  ...mergeable('client'),
  ...recordFields,
});
export type Client = z.output<typeof Client>;

/** A tax number as it is compared: letters and digits alone. */
export const taxIdKey = (typed: string): string => fold(typed).replace(/[^\p{L}\p{N}]/gu, '');
export const TaxId = Line(30).refine((typed) => taxIdKey(typed).length > 1, {
  error: 'must hold the letters and digits of a tax number',
});

export const NewClient = z.object({
  kind: ClientKind,
  name: Name(),
  taxId: TaxId.optional(),
  ownerId: Id('user').optional(),
  custom: CustomValues.optional(),
});
export type NewClient = z.output<typeof NewClient>;

export const ClientChange = z.object({
  kind: ClientKind.optional(),
  name: Name().optional(),
  taxId: removable(TaxId),
  ownerId: removable(Id('user')),
  ...changeFields,
});
export type ClientChange = z.output<typeof ClientChange>;

export const ClientCreated = eventType('client.created', { kind: ClientKind });
export const ClientChanged = eventType('client.changed', {});
