import { fold } from '#shared/text.ts';
import { valueAt } from './column.ts';
import type { Copy } from './copy.ts';
import { today } from './list.ts';
import { conditionOf, searchSql, type Viewer } from './select.ts';
import { quoted } from './shape.ts';

export type Found = { list: string; id: string; title: string; field: string; text: string };

const MAX_A_LIST = 50;
/** More finds than this are too many to be looked through: what was typed says too little. */
const MAX_FOUND = 5000;

/**
 * Records of every kind that hold all words of a text, the best first: whose title is it, begins with it, has a word that
 * begins with it, holds it elsewhere; among equals the newest. `viewerOf` says as whom a list is read, undefined: not at all.
 */
export function searchAll(
  copy: Copy,
  typed: string,
  limit: number,
  viewerOf: (list: string) => Viewer | undefined,
): Found[] {
  const found = [...copy.shapes.values()].flatMap((shape) => {
    const viewer = viewerOf(shape.name);
    if (!viewer || shape.search.length === 0) return [];
    const search = searchSql(shape.name, typed, MAX_FOUND);
    const where = conditionOf(shape, {}, viewer, new Map());
    const rows = copy.all(
      `SELECT rid, rowId, madeAt FROM ${quoted(shape.name)} WHERE ${search.sql} AND ${where.sql} ORDER BY rid DESC LIMIT ${MAX_A_LIST}`,
      ...search.values,
      ...where.values,
    );
    const { itemOf } = today(copy, shape.name);
    return rows.map((row) => {
      const record = itemOf(row);
      const texts = shape.search.flatMap((field) =>
        [valueAt(record, field)].flat().flatMap((text) => (typeof text === 'string' ? [{ field, text }] : [])),
      );
      const title =
        texts.find(({ field }) => field === shape.search[0])?.text ?? texts[0]?.text ?? String(row['rowId']);
      const hit = texts.find(({ text }) => fold(text).includes(fold(typed).trim())) ?? texts[0];
      return {
        rank: rankOf(fold(title), fold(typed).trim()),
        madeAt: String(row['madeAt']),
        one: { list: shape.name, id: String(row['rowId']), title, field: hit?.field ?? '', text: hit?.text ?? '' },
      };
    });
  });
  return found
    .sort((a, b) => a.rank - b.rank || b.madeAt.localeCompare(a.madeAt))
    .slice(0, limit)
    .map(({ one }) => one);
}

function rankOf(title: string, typed: string): number {
  if (title === typed) return 0;
  if (title.startsWith(typed)) return 1;
  if (title.split(/[^\p{L}\p{N}]+/u).some((word) => word.startsWith(typed))) return 2;
  return title.includes(typed) ? 3 : 4;
}
