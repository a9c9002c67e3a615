import { refuse } from '#shared/errors.ts';
import type { Reach } from '#shared/user.ts';
import { clean, fold } from '#shared/text.ts';
import { filterSql, FilterFault, type Asker, type CustomKinds, type Sql } from './filter.ts';
import { quoted, type Shape } from './shape.ts';

/** Somebody who reads a list: what he may see of it is part of every query. */
export type Viewer = Asker & { reach: Reach };

/** Which rows: those a filter lets through, that hold a text, put away ones too if asked. */
export type Which = { filter?: string | undefined; search?: string | undefined; archived?: boolean | undefined };

export const fault = (parameter: string, detail: string) =>
  refuse('invalid', {}, [{ pointer: `/query/${parameter}`, code: 'invalid_value', detail }]);

/** The condition on rows for somebody's query. @throws 400 for a filter that does not hold */
export function conditionOf(
  shape: Shape,
  { filter, search, archived }: Which,
  viewer: Viewer,
  custom: CustomKinds,
): Sql {
  const parts = [
    reachSql(shape, viewer.reach),
    ...(archived === true || !shape.columns.has('archivedAt') ? [] : [{ sql: '"archivedAt" IS NULL', values: [] }]),
    ...(search === undefined ? [] : [searchSql(shape.name, search)]),
    ...(filter === undefined || filter.trim() === '' ? [] : [filtered(filter, { shape, custom, asker: viewer })]),
  ].filter(({ sql }) => sql !== '');
  return {
    sql: parts.length === 0 ? '1' : parts.map(({ sql }) => `(${sql})`).join(' AND '),
    values: parts.flatMap(({ values }) => values),
  };
}

function filtered(filter: string, given: Parameters<typeof filterSql>[1]): Sql {
  try {
    return filterSql(filter, given);
  } catch (error) {
    if (error instanceof FilterFault) throw fault('filter', `Character ${error.at + 1}: ${error.message}.`);
    throw error;
  }
}

/** By the owner; what nobody owns by its team; what is neither owned nor a team's is everybody's. As `within` in functions/auth. */
export function reachSql({ columns, whole }: Shape, reach: Reach): Sql {
  if (reach === 'all') return { sql: '', values: [] };
  if (whole) {
    const { sql, values } = reachSql(whole, reach);
    const reached = `SELECT rowId FROM ${quoted(whole.name)} WHERE ${sql || '1'}`;
    return { sql: `substr(rowId, 1, instr(rowId, '/') - 1) IN (${reached})`, values };
  }
  if (!columns.has('ownerId')) return { sql: '', values: [] };
  const owners = reach.owners.map(fold);
  const mine = owners.length === 0 ? '0' : `"ownerId" IN (${owners.map(() => '?').join(', ')})`;
  if (!columns.has('teamId')) return { sql: `${mine} OR "ownerId" IS NULL`, values: owners };
  const team = reach.teamId === undefined ? [] : [fold(reach.teamId)];
  const ours = team.length === 0 ? '"teamId" IS NULL' : '("teamId" IS NULL OR "teamId" = ?)';
  return { sql: `${mine} OR ("ownerId" IS NULL AND ${ours})`, values: [...owners, ...team] };
}

const WORD = /[\p{L}\p{N}]+/gu;

/**
 * Rows that hold every word of a text somewhere: any three letters of a word, or the beginning of a short one. `newest`: only so
 * many of them, the last made, for who looks through the first few anyway; what is counted or acted upon is looked for whole.
 */
export function searchSql(list: string, typed: string, newest?: number): Sql {
  const words = wordsOf(typed);
  if (words.length === 0) return { sql: '0', values: [] };
  const isLong = (forms: readonly string[]): boolean => forms.every((form) => form.length >= 3);
  const finds = [...Map.groupBy(words, isLong)].map(([long, some]): Sql => {
    const index = quoted(`${list}:${long ? 'parts' : 'words'}`);
    const one = (form: string): string => (long ? `"${form.replaceAll('"', '""')}"` : `"${form}"*`);
    const match = some.map((forms) => `(${forms.map(one).join(' OR ')})`).join(' AND ');
    return { sql: `SELECT rowid FROM ${index} WHERE ${index} MATCH ?`, values: [match] };
  });
  const found = finds.map(({ sql }) => sql).join(' INTERSECT ');
  const most = newest === undefined ? '' : ` ORDER BY rowid DESC LIMIT ${newest}`;
  return { sql: `rid IN (${found}${most})`, values: finds.flatMap(({ values }) => values) };
}

/**
 * The words of a text, each in the forms it may have. A number typed with spaces, brackets and hyphens is one word without
 * them; a Russian 8 in front may stand for +7.
 */
function wordsOf(typed: string): string[][] {
  const text = fold(clean(typed)).trim();
  if (/^\+?[\d\s()-]{5,}$/.test(text)) {
    const digits = text.replaceAll(/\D/g, '');
    return [/^[78]\d{3}/.test(digits) ? [digits, digits.slice(1)] : [digits]];
  }
  return text
    .split(/\s+/)
    .flatMap((word): string[] => (word.length >= 3 ? [word] : (word.match(WORD) ?? [])))
    .slice(0, 8)
    .map((word) => [word]);
}

/** The cell of a field that may be sorted or added up by. */
export function cellOf(shape: Shape, custom: CustomKinds, field: string, viewer: Viewer, parameter: string) {
  if (field === 'madeAt') return { sql: 'madeAt', kind: 'date' as const };
  const own = field.startsWith('custom.') ? field.slice('custom.'.length) : undefined;
  const column = shape.columns.get(field);
  const kind = own === undefined ? column?.kind : custom.get(own);
  const hidden = column?.guarded !== undefined && !viewer.holds(column.guarded);
  if (kind === undefined || kind === 'map' || kind === 'list' || hidden)
    throw fault(parameter, `${shape.name} cannot be reckoned by ${field}.`);
  return { kind, own, sql: own === undefined ? quoted(field) : '' };
}
