import * as z from 'zod';
import { recordRights } from '#functions/auth/record-right.ts';
import { ExternalId, ExternalValue, System } from '#shared/external-id.ts';
import { refuse } from '#shared/errors.ts';
import { accept } from '#shared/http/problem.ts';
import type { Locale } from '#shared/errors.ts';

/** Where the API answers a record of each kind that has an address of its own. */
const PLACES: Readonly<Record<string, string>> = {
  lead: 'leads',
  person: 'people',
  client: 'clients',
  deal: 'deals',
  order: 'orders',
  product: 'products',
  approval: 'approvals',
  letter: 'letters',
  raw: 'intake',
  activity: 'activities',
  job: 'jobs',
  webhook: 'webhooks',
  delivery: 'deliveries',
};

/** The address of a record in the API; undefined for kinds that have none. */
export function linkTo(base: string, kind: string, id: string): string | undefined {
  const place = PLACES[kind.replace(/Work$/, '')];
  return place === undefined ? undefined : `${base}/api/${place}/${encodeURIComponent(id)}`;
}

/** The kind of record an id is of, and the right that reading it needs. @throws 404 for what is no id of ours */
export function kindOf(id: string): { kind: string; right: string } {
  const kind = id.split('_')[0] ?? '';
  const right = Object.hasOwn(recordRights, kind) ? recordRights[kind] : undefined;
  if (right === undefined) throw refuse('not_found', { what: 'record', id });
  return { kind, right };
}

const Name = z.object({ system: System, value: ExternalValue });

/** The system and the name in a path. @throws 400 with what is wrong about them */
export const nameIn = (params: Readonly<Record<string, string>>, locale: Locale): z.output<typeof Name> =>
  accept(Name, { system: params['system'], value: params['value'] }, 'path', locale);

export const ExternalIdView = ExternalId.extend({ link: z.string().optional() });
