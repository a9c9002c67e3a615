import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { refuse } from '#shared/errors.ts';
import { claim } from '#shared/table/claim.ts';
import { primaryKey } from '#shared/table/keys.ts';
import { get } from '#shared/table/read.ts';
import { addTo } from '#shared/time.ts';
import { withTeam, type Colleague } from './caller.ts';
import { closedFor, type Key } from './key.ts';
import { keys, keyUses, users } from './store.ts';

/** What a key looks like: the id of its row, and 256 random bits. */
const SHAPE = /^sk_([0-7][0-9A-HJKMNP-TV-Z]{25})_([\w-]{43})$/;
const digest = (secret: string): Buffer => createHash('sha256').update(secret).digest();

/** A new key for a row: the text its holder gets once, and what is kept of it. */
export function newSecret(id: string): { key: string; hash: string } {
  const secret = randomBytes(32).toString('base64url');
  return { key: `sk_${id.slice('key_'.length)}_${secret}`, hash: digest(secret).toString('base64url') };
}

/** Whether something sent as a token is meant as a key. */
export const isKey = (token: string): boolean => token.startsWith('sk_');

export type Holder = { key: Key; maker: Colleague };

/** The row of a key and whoever made it. @throws 401 with the reason */
export async function holderOf(token: string, now: string): Promise<Holder> {
  const [, place, secret] = SHAPE.exec(token) ?? [];
  const key = place === undefined ? undefined : await get(keys, { id: `key_${place}` });
  // In the same time whatever is equal: a key must not be found letter by letter.
  if (!key || secret === undefined || !timingSafeEqual(digest(secret), Buffer.from(key.hash, 'base64url')))
    throw refuse('unauthorized', { why: 'there is no such key' });
  mustBeOpen(key, now);
  const account = await get(users, { id: key.userId });
  if (!account?.active) throw refuse('unauthorized', { why: 'whoever made this key is switched off' });
  await noteUse(key.id, now);
  return { key, maker: await withTeam(account) };
}

export function mustBeOpen(key: Key, now: string): void {
  const why = closedFor(key, now);
  if (why !== undefined) throw refuse('unauthorized', { why });
}

/** Once an hour at most: it tells people whether a key is still in use, nothing is decided by it. */
async function noteUse(id: string, now: string): Promise<void> {
  const before = await get(keyUses, { id });
  const hourAgo = addTo(now, { hours: -1 });
  if (before && before.at > hourAgo) return;
  await claim({
    key: primaryKey('keyUse', { id }),
    set: { at: now, id, type: 'keyUse' },
    condition: 'attribute_not_exists(pk) OR #at <= :hourAgo',
    names: {},
    values: { ':hourAgo': hourAgo },
    token: 'at',
  });
}
