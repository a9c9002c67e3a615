import { allows, reaches } from '#functions/auth/rights.ts';
import { activityRecord } from '#functions/activities/record.ts';
import { productRecord } from '#functions/catalog/record.ts';
import { personRecord } from '#functions/clients/person-record.ts';
import { clientRecord } from '#functions/clients/record.ts';
import { dealRecord } from '#functions/deals/record.ts';
import { leadRecord } from '#functions/leads/record.ts';
import { orderRecord } from '#functions/orders/record.ts';
import { refuse } from '#shared/errors.ts';
import { whoseIs } from '#shared/owner.ts';
import type { AnyRecordKind } from '#shared/record-kind.ts';
import type { May, Stored } from '#shared/record-step.ts';
import type { User } from '#shared/user.ts';

/** Every kind of record that files bring in, that a bulk action changes, and that a job can take back. */
export const kinds: readonly AnyRecordKind[] = [
  leadRecord,
  dealRecord,
  clientRecord,
  personRecord,
  productRecord,
  activityRecord,
  orderRecord,
];

/** @throws 404 for a kind that cannot be changed this way, 403 without the right to change such records */
export function kindFor(name: string, user: User): AnyRecordKind {
  const kind = kinds.find((one) => one.kind === name);
  if (!kind) throw refuse('not_found', { what: 'kind of record', id: name });
  if (!allows(user, kind.right)) throw refuse('forbidden', { right: kind.right });
  return kind;
}

/** Whether somebody's right reaches a record; one beyond it is as if it were not there. */
export const mayChange =
  (kind: AnyRecordKind, user: User): May =>
  async (record: Stored) => {
    const owned = (await whoseIs(kind.kind, record)) ?? { ownerId: 'unknown' };
    if (!reaches(user, kind.right, owned)) throw refuse('not_found', { what: kind.kind, id: record.id });
  };
