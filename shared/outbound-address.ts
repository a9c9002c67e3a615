import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Addresses beyond the public ones that may be called: networks of the firm itself, as `10.1.0.0/16`. */
export type Networks = readonly string[];

/** `10.1.0.0/16, fd00::/8` as networks; empty for an empty text. @throws Error for what is none */
export function networksOf(text: string): Networks {
  const all = text.split(/[\s,]+/).filter(Boolean);
  for (const one of all) ipaddr.parseCIDR(one);
  return all;
}

/**
 * Whether an address is somebody's on the open internet, by the registries of special addresses (RFC 6890): not our own
 * machine, network or cloud, not a tunnel or a mapping that leads there, nobody's test or group.
 */
export function isPublic(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  if (parsed.range() !== 'unicast') return false;
  // Of IPv6 only 2000::/3 is given out; the rest is old mappings (::127.0.0.1) or nobody's.
  return parsed.kind() === 'ipv4' || parsed.match(ipaddr.parseCIDR('2000::/3'));
}

/** Whether an address may be called: public, or in a network of the firm. */
export const isAllowed = (address: string, networks: Networks): boolean =>
  isPublic(address) || (ipaddr.isValid(address) && networks.some((one) => within(address, one)));

function within(address: string, network: string): boolean {
  const parsed = ipaddr.process(address);
  const [base, bits] = ipaddr.parseCIDR(network);
  return parsed.kind() === base.kind() && parsed.match([base, bits] as [typeof parsed, number]);
}

const WRITTEN_HOST = /^https:\/\/(\[[^\]]*\]|[^/?#:]*)/;

/**
 * Why an address typed by a user will not be called; undefined when it may be, as far as can be said without asking what its
 * name stands for. Only https, no credentials, port 443 or one from 1024 on, no number that is written otherwise than usual.
 */
export function urlFault(text: string, networks: Networks): string | undefined {
  if (!URL.canParse(text)) return 'it is not an address such as https://firm.example/hook';
  const url = new URL(text);
  if (url.protocol !== 'https:') return 'it must begin with https://';
  if (url.username !== '' || url.password !== '') return 'it must not hold a user name or password';
  if (url.hash !== '') return 'it must not hold a part after #';
  const port = url.port === '' ? 443 : Number(url.port);
  if (port !== 443 && port < 1024) return `port ${port} is not called: only 443 and those from 1024 on are`;
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) === 0)
    return host.includes('.') || networks.length > 0 ? undefined : `${host} is a name of a private network`;
  if (WRITTEN_HOST.exec(text.toLowerCase())?.[1] !== url.hostname) return 'a number must be written in the usual way';
  return isAllowed(host, networks) ? undefined : `${host} is not an address of the open internet`;
}
