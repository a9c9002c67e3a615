import { identities, teams, users } from '#functions/auth/store.ts';
import { normaliseEmail } from '#shared/email.ts';
import { refuse } from '#shared/errors.ts';
import { prefixOf } from '#shared/id.ts';
import { listWhole, type Read } from '#shared/table/read.ts';
import { fold } from '#shared/text.ts';
import { kinds } from './kinds.ts';

/** A value as records are told apart by it: an e-mail in small letters, a phone number whole. */
export async function keyValue(match: string, text: string): Promise<string> {
  if (match === 'email') return normaliseEmail(text) ?? text;
  if (match !== 'phone') return text;
  const { normalisePhone } = await import('#shared/phone.ts');
  return normalisePhone(text) ?? text;
}

/** Ids by what people call a thing; who is called the same is found by nobody. */
type Named = ReadonlyMap<string, string>;
const SEVERAL = 'several';
type Call = { id: string; name: string };

const byName = (all: readonly Call[]): Named => {
  const named = new Map<string, string>();
  for (const { id, name } of all) named.set(fold(name), named.has(fold(name)) ? SEVERAL : id);
  return named;
};

async function everybody(of: typeof users | typeof teams, pk: 'users' | 'teams'): Promise<Call[]> {
  const all: Call[] = [];
  let cursor: string | undefined;
  do {
    const page: { items: Call[]; cursor?: string } = await listWhole(
      of as typeof users,
      'gsi2',
      {},
      { limit: 100, cursor },
    );
    all.push(...page.items);
    cursor = page.cursor;
  } while (cursor !== undefined && all.length < MAX_NAMED);
  return pk === 'users' ? all.filter((one) => (one as { active?: boolean }).active !== false) : all;
}
const MAX_NAMED = 5000;

export type Lookup = { find(read: Read, to: string | undefined, text: string): Promise<string> };

/**
 * Finds the record a cell names: by its id, else a user or team by e-mail or name, any other record by what it is told apart by
 * (tax number, e-mail, SKU) or its name. One lookup serves a chunk: names of users and teams are read once.
 */
export function lookup(namesOf: (to: string, name: string) => Promise<readonly string[]> = async () => []): Lookup {
  const named = new Map<string, Promise<Named>>();
  const nameOf = async (to: 'user' | 'team', text: string): Promise<string | undefined> => {
    const known =
      named.get(to) ?? everybody(to === 'user' ? users : teams, to === 'user' ? 'users' : 'teams').then(byName);
    named.set(to, known);
    return (await known).get(fold(text));
  };
  return {
    async find(read, to, text) {
      if (prefixOf(text) !== undefined && (to === undefined || prefixOf(text) === to)) return text;
      const found = to === undefined ? undefined : await byValue(read, to, text, nameOf);
      const all = found === undefined && to !== undefined ? await namesOf(to, text) : [];
      if (found === SEVERAL || all.length > 1)
        throw refuse('wrong_state', { what: `${to ?? ''} ${text}`, state: 'several', why: 'name it by its id' });
      const id = found ?? all[0];
      if (id === undefined) throw refuse('not_found', { what: to ?? 'record', id: text });
      return id;
    },
  };
}

async function byValue(
  read: Read,
  to: string,
  text: string,
  nameOf: (to: 'user' | 'team', text: string) => Promise<string | undefined>,
): Promise<string | undefined> {
  if (to === 'user') {
    const email = normaliseEmail(text);
    return email === undefined
      ? nameOf('user', text)
      : (await read.get(identities, { kind: 'login', value: email }))?.owner;
  }
  if (to === 'team') return nameOf('team', text);
  const kind = kinds.find((one) => one.kind === to);
  for (const match of kind?.matches ?? []) {
    const id = await kind?.find(read, match, await keyValue(match, text));
    if (id !== undefined) return id;
  }
  return undefined;
}
