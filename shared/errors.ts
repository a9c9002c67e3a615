import { problems, type ProblemCode } from './problems.ts';

export type Fault = { pointer: string; code: string; detail: string };
export type Locale = 'en' | 'ru';
type Values = Readonly<Record<string, unknown>>;

/** A request refused for a reason the caller can understand; becomes a problem document (RFC 9457). */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: ProblemCode;
  readonly values: Values;
  readonly errors: readonly Fault[];
  /** Members beyond the standard ones, e.g. what changed since the caller's version. */
  readonly more: Values;
  constructor(code: ProblemCode, values: Values, errors: readonly Fault[], more: Values) {
    super(textOf(code, values, 'en'));
    this.code = code;
    this.values = values;
    this.errors = errors;
    this.more = more;
  }
  get status(): number {
    return problems[this.code].status;
  }
}

export const refuse = (
  code: ProblemCode,
  values: Values = {},
  errors: readonly Fault[] = [],
  more: Values = {},
): Refusal => new Refusal(code, values, errors, more);

export const isRefusal = (error: unknown): error is Refusal => error instanceof Refusal;

const text = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '');

/** What a person reads about a problem, in his language. */
export const textOf = (code: ProblemCode, values: Values, locale: Locale): string =>
  problems[code][locale].replaceAll(/\{(\w+)\}/g, (_, name: string) => text(values[name]));
