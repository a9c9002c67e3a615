import { fold } from '#shared/text.ts';
import { minorOf } from './column.ts';

/*
 * The firm's own fields lie in one cell as JSON, by field id, in a form that can be compared: texts folded, money as major
 * units with minor units and currency beside it, numbers as numbers. Which kind a field has is known when it is asked for.
 */
type Comparable = string | number | boolean | string[];

const DECIMAL = /^-?\d{1,16}(\.\d+)?$/;

function comparable(id: string, value: unknown): [string, Comparable][] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return [[id, value.filter((one) => typeof one === 'string').map(fold)]];
  if (typeof value === 'boolean' || typeof value === 'number') return [[id, value]];
  if (typeof value === 'object') {
    const money = value as { amount?: unknown; currency?: unknown };
    if (typeof money.amount !== 'string' || typeof money.currency !== 'string') return [];
    const { amount, currency } = money;
    return [
      [id, Number(amount)],
      [`${id}!minor`, minorOf({ amount, currency })],
      [`${id}!currency`, currency],
    ];
  }
  if (typeof value !== 'string') return [];
  const text = fold(value);
  // A decimal kept as text is a number beside it: the field's kind says which of the two is meant.
  return DECIMAL.test(text)
    ? [
        [id, text],
        [`${id}!number`, Number(text)],
      ]
    : [[id, text]];
}

export function customCells(custom: unknown): Record<string, Comparable> | null {
  if (typeof custom !== 'object' || custom === null) return null;
  const cells = Object.entries(custom).flatMap(([id, value]) => comparable(id, value));
  return cells.length === 0 ? null : Object.fromEntries(cells);
}

/** The texts among them, for searching. */
export const customText = (custom: unknown): string[] =>
  typeof custom === 'object' && custom !== null
    ? Object.values(custom).flatMap((value) => (typeof value === 'string' ? [fold(value)] : []))
    : [];
