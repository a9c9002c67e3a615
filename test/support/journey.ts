import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startCloud } from '#local/cloud.ts';
import { controlAt } from '#local/control/client.ts';
import type { Ask, Got } from '#local/person.ts';
import { strictPersonAt } from './contract.ts';

export const ADMIN = 'admin@sdelka.example';
export const HEAD = 'head@sdelka.example';
export const SELLER = 'seller@sdelka.example';
/** Sells in English. */
export const ANNA = 'anna@sdelka.example';

/** A running installation as tests use it: over HTTP, with what stands in the letters, and nothing else. */
export type Journey = ReturnType<typeof journeyAt>;

export function journeyAt(url: string, controlUrl: string) {
  const control = controlAt(controlUrl);
  return {
    url,
    control,
    visitor: strictPersonAt(url),
    admin: signedIn(url, () => control.token({ email: ADMIN })),
    head: signedIn(url, () => control.token({ email: HEAD })),
    seller: signedIn(url, () => control.token({ email: SELLER })),
    anna: signedIn(url, () => control.token({ email: ANNA })),
    as: (email: string) => signedIn(url, () => control.token({ email })),
    /** Letters in somebody's inbox whose subject holds a text, the newest first. */
    async mail(to: string, subject = '') {
      const found = (await control.inbox(to)).filter((letter) => letter.subject.includes(subject));
      return Promise.all(found.map(({ id }) => control.letter(id)));
    },
    /** A changed setting is in force everywhere after the time it may be cached. */
    inForce: () => control.advance('31s'),
  };
}

/** Starts a local cloud of its own on an empty folder, with the starter set. */
export async function openJourney(
  options: { rough?: number; empty?: boolean; environment?: Record<string, string> } = {},
) {
  const data = mkdtempSync(join(tmpdir(), 'journey-'));
  const cloud = await startCloud({ port: 0, data, quiet: true, ...options });
  const stop = async (): Promise<void> => {
    await cloud.stop();
    rmSync(data, { recursive: true, force: true });
  };
  return Object.assign(journeyAt(cloud.url, cloud.controlUrl), { stop });
}

/** Somebody who signs in when he must, and again when the clock was moved past the end of his token. */
function signedIn(url: string, token: () => Promise<string>) {
  let person: Promise<ReturnType<typeof strictPersonAt>> | undefined;
  const signIn = async () => strictPersonAt(url, await token());
  return async <T = Record<string, unknown>>(call: string, asked: Ask = {}): Promise<Got<T>> => {
    person ??= signIn();
    const got = await (await person)<T>(call, asked);
    if (got.status !== 401) return got;
    person = signIn();
    return (await person)<T>(call, asked);
  };
}
export type Person = ReturnType<typeof signedIn>;

/** The answer of a step that has to work. @throws Error with the whole problem document */
export function good<T>(got: Got<T>): Got<T> {
  if (got.status < 300) return got;
  throw new Error(`${got.status} ${JSON.stringify(got.body)}`);
}

const run = Date.now().toString(36);
let count = 0;
/** A name nobody else in this run has. */
export const unique = (prefix: string): string => `${prefix}-${run}-${(count += 1)}`;
export const uniqueEmail = (): string => `${unique('buyer')}@client.example`;
const phoneBase = Math.floor(Math.random() * 9_000_000);
/** A Russian mobile number nobody else in this run has, in E.164. */
export const uniquePhone = (): string => `+7916${String((phoneBase + (count += 1)) % 10_000_000).padStart(7, '0')}`;
