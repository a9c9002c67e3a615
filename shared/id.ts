import * as z from 'zod';

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const MAX_TIME = 2 ** 48;

const randomBytes = (): Uint8Array => crypto.getRandomValues(new Uint8Array(10));

function base32(value: bigint, length: number): string {
  let text = '';
  for (let rest = value, i = 0; i < length; i += 1, rest >>= 5n) text = (ALPHABET[Number(rest & 31n)] ?? '') + text;
  return text;
}

/**
 * A new id `deal_01J…`: the prefix and a ULID (48 bits of time, 80 random bits, Crockford base 32), so ids sort by the
 * millisecond they were made in. `now` is epoch milliseconds; `random` gives 10 bytes.
 */
export function newId<P extends string>(
  prefix: P,
  now: number,
  random: () => Uint8Array = randomBytes,
): `${P}_${string}` {
  if (!Number.isInteger(now) || now < 0 || now >= MAX_TIME) {
    throw new RangeError(`newId('${prefix}', ${now}): the time must be whole epoch milliseconds`);
  }
  const bits = random()
    .subarray(0, 10)
    .reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  return `${prefix}_${base32(BigInt(now), 10)}${base32(bits, 16)}`;
}

/** The schema of ids with this prefix; a plain string inside. */
export const Id = (prefix: string): z.ZodString =>
  z.string().regex(new RegExp(`^${prefix}_[0-7][0-9A-HJKMNP-TV-Z]{25}$`), {
    error: `must be an id such as ${prefix}_01J8Z3Y1QW9R7V5T3S1P0N2M4K`,
  });

/** `deal` of `deal_01J…`; undefined when the text is not an id of this system. */
export const prefixOf = (id: string): string | undefined =>
  /^([a-z][a-z0-9-]*)_[0-7][0-9A-HJKMNP-TV-Z]{25}$/.exec(id)?.[1];
