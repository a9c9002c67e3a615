import * as z from 'zod';
import { refuse, type Fault } from '#shared/errors.ts';
import { eventType } from '#shared/events.ts';
import { Id } from '#shared/id.ts';
import { addTo, Instant } from '#shared/time.ts';
import { Name } from '#shared/text.ts';
import type { User } from '#shared/user.ts';
import { fieldRights, rights } from './rights.ts';

/** By which another system acts in the name of whoever made it: with some of his rights, until a day. */
export const Key = z.object({
  id: Id('key'),
  version: z.int(),
  name: Name(),
  /** Whose rights it has at most, and in whose name it acts. */
  userId: Id('user'),
  scopes: z.array(z.string()),
  /** Guarded fields it is shown, e.g. `cost`. */
  fields: z.array(z.string()),
  expiresAt: Instant,
  revokedAt: z.string().optional(),
  createdAt: z.string(),
  /** SHA-256 of the secret: the key itself is nowhere. */
  hash: z.string(),
});
export type Key = z.output<typeof Key>;

/** A key as people see it. */
export const KeyView = Key.omit({ hash: true }).extend({ lastUsedAt: z.string().optional() });
export const NewKey = z.object({
  name: Name(),
  scopes: z.array(z.string().max(60)).min(1).max(200),
  fields: z.array(z.string().max(60)).max(50).optional(),
  expiresAt: Instant,
});
export type NewKey = z.output<typeof NewKey>;

export const KeyMade = eventType('key.made', {});
export const KeyRevoked = eventType('key.revoked', {});

/** Who may do what is decided by people only. */
const NEVER = 'access.change';
const MAX_DAYS = 731;

function scopeFault(scope: string, place: number, maker: User): Fault[] {
  const pointer = `/body/scopes/${place}`;
  if (!Object.hasOwn(rights, scope)) {
    const detail = `There is no such right. One of: ${Object.keys(rights).join(', ')}`;
    return [{ pointer, code: 'invalid_value', detail }];
  }
  if (scope === NEVER) return [{ pointer, code: 'invalid_value', detail: 'No key changes rights.' }];
  if (Object.hasOwn(maker.may, scope)) return [];
  return [{ pointer, code: 'invalid_value', detail: 'You do not have this right yourself.' }];
}

function fieldFault(field: string, place: number, maker: User): Fault[] {
  if (Object.hasOwn(fieldRights, field) && maker.sees.includes(field)) return [];
  return [{ pointer: `/body/fields/${place}`, code: 'invalid_value', detail: 'You do not see such a field yourself.' }];
}

/** @throws 400 for a right the maker does not have, or an end that has passed or is more than two years away */
export function mayMake({ scopes, fields = [], expiresAt }: NewKey, maker: User, now: string): void {
  const until = addTo(now, { days: MAX_DAYS });
  const detail = `After now and before ${until}: a key holds two years at most.`;
  const faults = [
    ...scopes.flatMap((scope, place) => scopeFault(scope, place, maker)),
    ...fields.flatMap((field, place) => fieldFault(field, place, maker)),
    ...(expiresAt > now && expiresAt <= until ? [] : [{ pointer: '/body/expiresAt', code: 'invalid_value', detail }]),
  ];
  if (faults.length > 0) throw refuse('invalid', {}, faults);
}

/** Why a key opens nothing, or undefined when it does. */
export function closedFor({ expiresAt, revokedAt }: Key, now: string): string | undefined {
  if (revokedAt !== undefined) return `this key was revoked at ${revokedAt}`;
  return expiresAt <= now ? `this key expired at ${expiresAt}` : undefined;
}

/** Its maker as he may act through a key: what both he and the key may. */
export const through = (maker: User, { id, name, scopes, fields }: Key): User => ({
  ...maker,
  may: Object.fromEntries(Object.entries(maker.may).filter(([right]) => scopes.includes(right) && right !== NEVER)),
  sees: maker.sees.filter((field) => fields.includes(field)),
  key: { id, name },
});
