import type * as z from 'zod';
import type { Money } from '#shared/money.ts';
import { good, type Journey, type Person, unique } from './journey.ts';
import type { Problem } from './steps.ts';

type Total = { number: number } | { money: z.input<typeof Money>[] };
export type Row = Record<string, unknown> & { id: string };
export type Listed = {
  items: Row[];
  cursor?: string;
  totals?: { count: number; sums: Record<string, Total> };
  asOf: string;
  behind: boolean;
};
export type Group = { keys: unknown[]; count: number; sums: Record<string, Total> };

/** A list as somebody asks for it, whatever is answered. `after` is the event he has just made. */
export const askList = <T = Listed & Problem>(
  who: Person,
  path: string,
  query: Readonly<Record<string, string | undefined>> = {},
  after?: string,
) => {
  const given = Object.entries(query).filter((one): one is [string, string] => one[1] !== undefined);
  const headers = after === undefined ? {} : { headers: { 'x-after-event': after } };
  return who<T>(`GET /api/${path}?${String(new URLSearchParams(given))}`, headers);
};

export const listed = async (...asked: Parameters<typeof askList>): Promise<Listed> =>
  good(await askList<Listed>(...asked)).body;

/** All rows of a list, page after page. */
export async function allOf(who: Person, path: string, query: Readonly<Record<string, string>>): Promise<Row[]> {
  const all: Row[] = [];
  let cursor: string | undefined;
  do {
    const page = await listed(who, path, { ...query, cursor });
    all.push(...page.items);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return all;
}

/** Somebody who sells in a team of his own. */
export async function lonelySeller(journey: Journey): Promise<{ id: string; teamId: string; as: Person }> {
  const name = unique('Одиночка');
  const teamId = good(await journey.admin<{ id: string }>('POST /api/teams', { body: { name, memberIds: [] } })).body
    .id;
  const email = `${unique('alone')}@sdelka.example`;
  const body = { name, email, roles: ['seller'], locale: 'ru', zone: 'Europe/Moscow', teamId };
  const { id } = good(await journey.admin<{ id: string }>('POST /api/users', { body })).body;
  return { id, teamId, as: journey.as(email) };
}
