import { digitsOf } from '#shared/money.ts';

const SIGNS: readonly (readonly [string, string])[] = [
  ['₽', 'RUB'],
  ['руб.', 'RUB'],
  ['руб', 'RUB'],
  ['р.', 'RUB'],
  ['€', 'EUR'],
  ['$', 'USD'],
  ['£', 'GBP'],
  ['₸', 'KZT'],
  ['br', 'BYN'],
];

function isCurrency(code: string): boolean {
  try {
    return digitsOf(code) >= 0;
  } catch {
    return false;
  }
}

/** `1 234,50 ₽` → the number and the currency beside it. */
export function apart(text: string): { number: string; currency?: string } {
  const code = /^([A-Za-z]{3})\s+|\s*([A-Za-z]{3})$/.exec(text);
  const named = (code?.[1] ?? code?.[2])?.toUpperCase();
  if (code && named !== undefined && isCurrency(named)) return { number: text.replace(code[0], ''), currency: named };
  const sign = SIGNS.find(([mark]) => text.toLowerCase().endsWith(mark) || text.toLowerCase().startsWith(mark));
  if (!sign) return { number: text };
  const [mark, currency] = sign;
  const ends = text.toLowerCase().endsWith(mark);
  return { number: ends ? text.slice(0, -mark.length) : text.slice(mark.length), currency };
}

/** A plain decimal of how people write numbers: `1 234,5`, `1'234.5`, `1.234,5`, `-5`, `(5)`; undefined when it is none. */
export function plainNumber(text: string, decimal: 'auto' | ',' | '.'): string | undefined {
  const bare = text.replace(/[\s\u00A0\u202F'’]/g, '').replace(/^[−–]/, '-');
  const signed = /^\((.+)\)$/.exec(bare) ? `-${bare.slice(1, -1)}` : bare;
  if (/^-?\d+(\.\d+)?[eE][+-]?\d{1,2}$/.test(signed)) return fromExponent(signed);
  const point = decimal === 'auto' ? pointOf(signed) : decimal;
  const thousands = point === ',' ? '.' : ',';
  const grouped = signed.split(point)[0] ?? '';
  if (grouped.includes(thousands) && !/^-?\d{1,3}([.,]\d{3})+$/.test(grouped)) return undefined;
  const whole = signed.replaceAll(thousands, '').replace(point, '.');
  if (!/^-?(\d+(\.\d*)?|\.\d+)$/.test(whole)) return undefined;
  const [, minus = '', digits = '0', fraction = ''] = /^(-?)0*(\d*)(?:\.(\d*?)0*)?$/.exec(whole) ?? [];
  const number = `${digits === '' ? '0' : digits}${fraction === '' ? '' : `.${fraction}`}`;
  return number === '0' ? '0' : minus + number;
}

/** Which of the two signs stands before the decimals: the last one, unless it stands more than once. */
function pointOf(text: string): ',' | '.' {
  const [comma, point] = [text.lastIndexOf(','), text.lastIndexOf('.')];
  const last = comma > point ? ',' : '.';
  const times = text.split(last).length - 1;
  return times > 1 ? (last === ',' ? '.' : ',') : last;
}

/** Spreadsheets keep very small and large numbers so: `4.5E-2`. */
function fromExponent(text: string): string {
  const [mantissa = '', exponent = ''] = text.toLowerCase().split('e');
  const [whole = '', fraction = ''] = mantissa.replace('-', '').split('.');
  const digits = whole + fraction;
  const point = whole.length + Number(exponent);
  const padded = digits.padStart(digits.length + Math.max(0, 1 - point), '0').padEnd(point, '0');
  const at = Math.max(1, point);
  const rest = padded.slice(at).replace(/0+$/, '');
  return `${mantissa.startsWith('-') ? '-' : ''}${padded.slice(0, at).replace(/^0+(?=\d)/, '')}${rest === '' ? '' : `.${rest}`}`;
}
