import { Environment, ParseError, type ASTNode } from '@marcbachmann/cel-js';
import { addDays, addTo, dateIn, startOfDay } from '#shared/time.ts';
import { fold } from '#shared/text.ts';
import type { Cell, ColumnKind } from './column.ts';
import { quoted, type Shape } from './shape.ts';

/** The kinds of the firm's own fields, by id. */
export type CustomKinds = ReadonlyMap<string, ColumnKind>;
/** Who asks and when: what `me`, `now`, `today`, `daysAgo(7)` mean, and which guarded fields he may name. */
export type Asker = {
  me: string;
  now: string;
  zone: string;
  holds(right: string): boolean;
  /** What a segment of this list is: its rule, or that its members are noted one by one; undefined when there is none. */
  segment?: (list: string, id: string) => { rule: string; owner: string } | 'fixed' | undefined;
};

export type Sql = { sql: string; values: Cell[] };
/** What is wrong with a filter, and at which character of it. */
export class FilterFault extends Error {
  readonly at: number;
  constructor(why: string, at: number) {
    super(why);
    this.at = at;
  }
}

const MAX_SOURCE = 4000;
const LIMITS = { maxAstNodes: 400, maxDepth: 24, maxListElements: 200, maxMapEntries: 1, maxCallArguments: 4 };
const parser = new Environment({ limits: LIMITS });
type Given = { shape: Shape; custom: CustomKinds; asker: Asker };
type Field = { name: string; kind: ColumnKind; sql: string };
type Compare = { sign: string; sides: [ASTNode, ASTNode]; at: number };

/**
 * A filter in CEL as a condition on the rows of a list: `state == "new" && (amount > 1000 || "vip" in tags) &&
 * name.contains("ромаш") && capturedAt > daysAgo(7) && ownerId == me && has(custom.size)`.
 * Texts are compared without case. A field without a value is not equal, not greater, not less; `!` turns that round.
 * @throws FilterFault naming the place
 */
export function filterSql(source: string, given: Given): Sql {
  if (source.length > MAX_SOURCE) throw new FilterFault(`a filter may have ${MAX_SOURCE} characters at most`, 0);
  return new Compiler(given).condition(treeOf(source), false);
}

/** The parts of a filter that are joined by `&&`, each with its own text: for saying why a record is in. */
export function conjuncts(source: string): string[] {
  const walk = (node: ASTNode): ASTNode[] => (node.op === '&&' ? (node.args as ASTNode[]).flatMap(walk) : [node]);
  return walk(treeOf(source)).map(({ start, end }) => source.slice(start, end).trim());
}

function treeOf(source: string): ASTNode {
  try {
    return parser.parse(source).ast;
  } catch (cause) {
    if (cause instanceof ParseError) throw new FilterFault(cause.summary, cause.range?.start ?? 0);
    throw new FilterFault(cause instanceof Error ? cause.message : String(cause), 0);
  }
}

const SIGNS: Readonly<Record<string, string>> = {
  '==': 'IS',
  '!=': 'IS NOT',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
};
const TURNED: Readonly<Record<string, string>> = { '<': '>', '<=': '>=', '>': '<', '>=': '<=' };
const NAMES: Readonly<Record<ColumnKind, string>> = {
  text: 'a text: write its value in quotes',
  date: 'a date: write it in quotes, or daysAgo(7)',
  number: 'a number',
  money: 'a sum of money: compare it with a number of major units',
  bool: 'true or false',
  list: 'a list: write "value" in it',
  map: 'a set of answers: name one of them, such as answers.size',
};

const UNFOLDED: ReadonlyMap<string, string> = new Map([
  ['madeAt', 'madeAt'],
  ['id', 'rowId'],
]);

class Compiler {
  readonly #given: Given;
  constructor(given: Given) {
    this.#given = given;
  }

  condition(node: ASTNode, negated: boolean): Sql {
    const leaf = this.#joined(node, negated);
    if (leaf) return leaf;
    const { sql, values } = this.#leaf(node);
    return { sql: negated ? `NOT ifnull(${sql}, 0)` : sql, values };
  }

  #joined({ op, args }: ASTNode, negated: boolean): Sql | undefined {
    if (op === '!_') return this.condition(args, !negated);
    if (op !== '&&' && op !== '||') return undefined;
    const sides = (args as ASTNode[]).map((side) => this.condition(side, negated));
    const joiner = (op === '&&') === negated ? ' OR ' : ' AND ';
    return { sql: `(${sides.map(({ sql }) => sql).join(joiner)})`, values: sides.flatMap(({ values }) => values) };
  }

  #leaf(node: ASTNode): Sql {
    const { op, start: at } = node;
    const args = node.args as never;
    const sign = SIGNS[op];
    if (sign !== undefined) return this.#compared({ sign, sides: args, at });
    if (op === 'in') return this.#among(args, at);
    if (op === 'rcall') return this.#textual(args, at);
    if (op === 'call') return this.#called(args, at);
    if (op === 'value' && typeof args === 'boolean') return { sql: args ? '1' : '0', values: [] };
    const field = this.#field(node);
    if (field.kind === 'bool') return { sql: field.sql, values: [] };
    throw new FilterFault(`${field.name} is ${NAMES[field.kind]}; a filter must be true or false`, at);
  }

  #compared({ sign, sides: [left, right], at }: Compare): Sql {
    if (this.#isConstant(left)) {
      if (this.#isConstant(right)) throw new FilterFault('neither side is a field of the record', at);
      return this.#compared({ sign: TURNED[sign] ?? sign, sides: [right, left], at });
    }
    const field = this.#field(left);
    if (!this.#isConstant(right)) {
      const other = this.#field(right);
      if (other.kind !== field.kind) throw new FilterFault(`${field.name} and ${other.name} cannot be compared`, at);
      return { sql: `${field.sql} ${sign} ${other.sql}`, values: [] };
    }
    const value = this.#constant(right);
    if (value === null && (sign === 'IS' || sign === 'IS NOT')) return { sql: `${field.sql} ${sign} NULL`, values: [] };
    return { sql: `${field.sql} ${sign} ?`, values: [fitting(field, value, right.start)] };
  }

  #among([item, list]: [ASTNode, ASTNode], at: number): Sql {
    if (list.op === 'list') {
      const field = this.#field(item);
      const values = list.args.map((one) => fitting(field, this.#constant(one), one.start));
      return { sql: `${field.sql} IN (${values.map(() => '?').join(', ')})`, values };
    }
    const field = this.#field(list);
    if (field.kind !== 'list') throw new FilterFault(`${field.name} is no list`, at);
    const value = this.#constant(item);
    if (typeof value !== 'string') throw new FilterFault('write what is looked for in quotes', item.start);
    return { sql: `EXISTS (SELECT 1 FROM json_each(${field.sql}) WHERE value = ?)`, values: [fold(value)] };
  }

  #textual([name, of, given]: [string, ASTNode, ASTNode[]], at: number): Sql {
    const field = this.#field(of);
    const [argument] = given;
    if (name === 'happened') return this.#happened(field, given, at);
    const text = argument && this.#constant(argument);
    const fits = (field.kind === 'text' || field.kind === 'date') && typeof text === 'string';
    if (!fits) throw new FilterFault(`${name}() asks a text field for a text`, at);
    const value = field.kind === 'date' ? text : fold(text);
    if (name === 'contains') return { sql: `instr(${field.sql}, ?) > 0`, values: [value] };
    if (name === 'startsWith') return { sql: `substr(${field.sql}, 1, length(?)) = ?`, values: [value, value] };
    if (name === 'endsWith')
      return {
        sql: value === '' ? `${field.sql} IS NOT NULL` : `substr(${field.sql}, -length(?)) = ?`,
        values: value === '' ? [] : [value, value],
      };
    throw new FilterFault(`there is no ${name}(): use contains, startsWith, endsWith or happened`, at);
  }

  /** By an event of a type, from a moment on and before another: `id.happened("lead.returned", daysAgo(7), now)`. */
  #happened({ name, kind, sql }: Field, given: ASTNode[], at: number): Sql {
    const [type, from = '', to = '~', ...rest] = given.map((one) => this.#constant(one));
    const texts = [type, from, to].filter((value) => typeof value === 'string');
    if ((kind !== 'text' && name !== 'id') || texts.length !== 3 || rest.length > 0)
      throw new FilterFault('write id.happened("lead.postponed", daysAgo(7), now), or a field that holds an id', at);
    // The id of the row itself lies there as it is, others folded.
    const record = name === 'id' ? 'record' : 'lower(record)';
    return { sql: `${sql} IN (SELECT ${record} FROM happened WHERE type = ? AND at >= ? AND at < ?)`, values: texts };
  }

  #called([name, [argument]]: [string, ASTNode[]], at: number): Sql {
    if (name === 'has' && argument) return { sql: `${this.#field(argument).sql} IS NOT NULL`, values: [] };
    if (name === 'inSegment' && argument) {
      const id = this.#constant(argument);
      if (typeof id === 'string') return this.#inSegment(id, at);
    }
    throw new FilterFault(`there is no ${name}(): use has(field), daysAgo(7), daysAhead(7) or inSegment("id")`, at);
  }

  /** Of a rule segment are all that its rule lets through now; who is in a fixed one is noted. */
  #inSegment(id: string, at: number): Sql {
    const { shape, asker } = this.#given;
    const segment = asker.segment?.(shape.name, id);
    if (segment === undefined) throw new FilterFault(`there is no segment ${id} of ${shape.name}`, at);
    if (segment === 'fixed')
      return {
        sql: `lower(rowId) IN (SELECT "recordId" FROM "segment-members" WHERE "segmentId" = ? AND "state" = 'in')`,
        values: [fold(id)],
      };
    // A rule was checked as its author's; a segment within a segment is refused by not being known there.
    const { segment: _, ...rest } = asker;
    return filterSql(segment.rule, {
      ...this.#given,
      asker: { ...rest, me: segment.owner, zone: 'UTC', holds: () => true },
    });
  }

  #isConstant(node: ASTNode): boolean {
    if (node.op === 'id') return ['me', 'now', 'today'].includes(node.args);
    return node.op === 'value' || node.op === '-_' || (node.op === 'call' && node.args[0] !== 'has');
  }

  #constant(node: ASTNode): string | number | boolean | null {
    const { me, now, zone } = this.#given.asker;
    if (node.op === 'value') return typeof node.args === 'bigint' ? Number(node.args) : (node.args as string | number);
    if (node.op === '-_') return -Number(this.#constant(node.args));
    if (node.op === 'id' && node.args === 'me') return me;
    if (node.op === 'id' && node.args === 'now') return now;
    if (node.op === 'id' && node.args === 'today') return dateIn(zone, now);
    if (node.op === 'call') {
      const [name, [count]] = node.args;
      const days = count && this.#constant(count);
      if (typeof days === 'number' && Math.abs(days) <= 40_000) {
        if (name === 'daysAgo') return addTo(now, { days: -days });
        if (name === 'daysAhead') return addTo(now, { days });
        if (name === 'day') return addDays(dateIn(zone, now), days);
        if (name === 'startOfDay') return startOfDay(zone, addDays(dateIn(zone, now), days));
      }
    }
    throw new FilterFault(
      'here must stand a value: a text in quotes, a number, me, today, now, daysAgo(7), day(-7), startOfDay(0)',
      node.start,
    );
  }

  #field(node: ASTNode): Field {
    const path = pathOf(node);
    const { shape, custom, asker } = this.#given;
    const [first = '', second] = path ?? [];
    if (first === 'custom' && second !== undefined) {
      const kind = custom.get(second);
      if (kind) return { name: `custom.${second}`, kind, sql: customSql(second, kind) };
    }
    // Both lie there as they are, not folded.
    const own = second === undefined ? UNFOLDED.get(first) : undefined;
    if (own !== undefined) return { name: first, kind: 'date', sql: own };
    const map = second === undefined ? undefined : shape.columns.get(first);
    const column = map?.kind === 'map' ? map : shape.columns.get((path ?? []).join('.'));
    if (!path || !column || (column.guarded !== undefined && !asker.holds(column.guarded))) {
      const shown = [...shape.columns.values()].filter(({ guarded }) => guarded === undefined || asker.holds(guarded));
      const known = [...shown.map(({ field }) => field), ...[...custom.keys()].map((id) => `custom.${id}`)].join(', ');
      throw new FilterFault(
        `there is no field ${path?.join('.') ?? ''} in ${shape.name}; there are: ${known}`,
        node.start,
      );
    }
    if (column.kind === 'map' && second !== undefined)
      return { name: path.join('.'), kind: 'text', sql: `json_extract(${quoted(first)}, '$."${second}"')` };
    return { name: column.field, kind: column.kind, sql: quoted(column.field) };
  }
}

/** `custom.size`, `answers["size"]` as their names; only letters, digits and _ may stand in them. */
function pathOf(node: ASTNode): string[] | undefined {
  if (node.op === 'id') return [node.args];
  if (node.op === '.') return [...(pathOf(node.args[0]) ?? ['?']), node.args[1]];
  if (node.op === '[]') {
    const [of, at] = node.args;
    const name: unknown = at.op === 'value' ? at.args : undefined;
    return typeof name === 'string' && /^[\w-]{1,60}$/.test(name) ? [...(pathOf(of) ?? ['?']), name] : undefined;
  }
  return undefined;
}

export function customSql(id: string, kind: ColumnKind): string {
  const plain = `json_extract(custom, '$."${id}"')`;
  return kind === 'number' ? `coalesce(json_extract(custom, '$."${id}!number"'), ${plain})` : plain;
}

function fitting({ name, kind }: Field, value: string | number | boolean | null, at: number): Cell {
  if (kind === 'bool' && typeof value === 'boolean') return value ? 1 : 0;
  if ((kind === 'number' || kind === 'money') && typeof value === 'number') return value;
  if (kind === 'text' && typeof value === 'string') return fold(value);
  if (kind === 'date' && typeof value === 'string') return value;
  throw new FilterFault(`${name} is ${NAMES[kind]}`, at);
}
