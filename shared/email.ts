import * as z from 'zod';

// Latin letters, digits and the signs of RFC 5322 dot-atoms: SES sends to no other local parts.
const LOCAL = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/i;
const TYPED_DOMAIN = /^[\p{L}\p{M}\p{N}-]+(\.[\p{L}\p{M}\p{N}-]+)+$/u;
const DOMAIN = /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+([a-z]{2,63}|xn--[a-z0-9-]{2,59})$/;

function asciiDomain(typed: string): string | undefined {
  if (!TYPED_DOMAIN.test(typed)) return undefined;
  // The URL parser is the one IDNA implementation that both Node and browsers have.
  const url = URL.parse(`http://${typed}/`);
  return url !== null && url.hostname.length <= 253 && DOMAIN.test(url.hostname) ? url.hostname : undefined;
}

/**
 * One bare address in the form it is compared, kept and sent in: trimmed, lower case, the domain in punycode
 * (`Иван@` is refused, `ivan@почта.рф` becomes `ivan@xn--80a1acny.xn--p1ai`). Undefined when the text is anything else:
 * a list, a name with an address, something with a line break.
 */
export function normaliseEmail(raw: string): string | undefined {
  // Only spaces and tabs are trimmed: a line break next to an address is an attack on mail headers, not a slip.
  const text = raw.replace(/^[ \t\u00A0]+|[ \t\u00A0]+$/g, '');
  if (text.length > 254) return undefined;
  const [local, typed, ...more] = text.split('@');
  if (local === undefined || typed === undefined || more.length > 0) return undefined;
  if (local.length > 64 || !LOCAL.test(local)) return undefined;
  const domain = asciiDomain(typed);
  const address = domain === undefined ? undefined : `${local.toLowerCase()}@${domain}`;
  return address !== undefined && address.length <= 254 ? address : undefined;
}

/** One e-mail address, normalised on the way in; unlike `z.email()` it knows Cyrillic and punycode domains. */
export const Email: z.ZodString = z
  .string()
  .overwrite((raw) => normaliseEmail(raw) ?? raw)
  .refine((address) => normaliseEmail(address) !== undefined, {
    error: 'must be one e-mail address such as name@example.com',
  })
  .meta({ format: 'email', maxLength: 254 });
