import { type FilterImplOptions, Liquid, LiquidError } from 'liquidjs';
import { format, Money } from './money.ts';
import { escapeHtml } from './text.ts';
import { dateIn, formatDate, formatInstant, Instant, PlainDate } from './time.ts';

/** A letter as a user writes it: Liquid in each part, the body either HTML or plain text. */
export type LetterTemplate = { subject: string } & ({ html: string } | { text: string });

/** Language (BCP 47) and time zone (IANA) of the reader. */
export type Reader = { locale: string; zone: string };

/** `missing` is the field without a value (`lead.name`), when that is why the letter must not go out. */
export type RenderedLetter =
  | { ok: true; subject: string; text: string; html?: string }
  | { ok: false; part: Part; error: string; missing?: string };

/** `fields` are the values a template names (`lead.name`); `line` and `column` count from 1. */
export type CheckedTemplate =
  | { ok: true; fields: string[] }
  | { ok: false; part: Part; error: string; line?: number; column?: number };
type Part = 'subject' | 'html' | 'text';

// No `assign` and `capture`: a missing value would slip through them, and texts could be doubled without end.
const TAGS = ['break', 'case', 'comment', 'continue', 'for', 'if', 'raw', 'unless', '#'];
const FILTERS = (
  'abs append at_least at_most capitalize ceil default divided_by downcase escape first floor join last minus modulo ' +
  'plus prepend remove replace reverse round size slice sort split strip times truncate truncatewords uniq upcase ' +
  'url_encode where'
).split(' ');
// The time limit (ms) is for templates that loop without a result; the others stop at the same place everywhere.
const LIMITS = { parseLimit: 100_000, memoryLimit: 300_000, renderLimit: 1000 };
const MAX_OUTPUT = 500_000;

class WrongValue extends Error {}
class MissingValue extends Error {}

function plain(value: unknown): string {
  if (value === undefined || value === null) throw new MissingValue('has no value');
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new WrongValue('is not a text: name one of its members, or use the filter money or join');
}

/**
 * Stands in a rendered letter for a link that may only be known when the letter is sent. Given among the values, used as
 * `{{ links.decide | safe_url }}`. An object, so that no text typed by a stranger can pass for one.
 */
export class Placeholder {
  readonly name: string;
  constructor(name: string) {
    if (!/^[a-z][a-z-]{0,40}$/.test(name)) throw new RangeError(`"${name}" must be lower case letters and dashes`);
    this.name = name;
  }
}
const PLACEHOLDER = /\bplaceholder:([a-z][a-z-]{0,40})/g;

/** Puts the real addresses in (escaped for HTML by the caller); RangeError for a placeholder that none is given for. */
export function fillPlaceholders(part: string, links: Readonly<Record<string, string>>): string {
  return part.replace(PLACEHOLDER, (_whole, name: string) => {
    const link = Object.hasOwn(links, name) ? links[name] : undefined;
    if (link === undefined) throw new RangeError(`The letter has a place for the link "${name}", but none was given`);
    return link;
  });
}

function safeUrl(value: unknown): string {
  if (value instanceof Placeholder) return `placeholder:${value.name}`;
  const text = plain(value).trim();
  if (['https:', 'mailto:'].includes(URL.parse(text)?.protocol ?? '')) return text;
  throw new WrongValue('is not a safe link: only https and mailto addresses are');
}

function moneyText(value: unknown, { locale }: Reader): string {
  const amount = Money.out.safeParse(value);
  if (!amount.success) throw new WrongValue('is not money');
  return format(amount.data, locale);
}

function dateText(value: unknown, { locale, zone }: Reader, option: unknown): string {
  const date = PlainDate.safeParse(value);
  if (date.success) return formatDate(date.data, locale);
  const instant = Instant.safeParse(value);
  if (!instant.success) throw new WrongValue('is not a date');
  if (option === 'time') return formatInstant(instant.data, { locale, zone });
  return formatDate(dateIn(zone, instant.data), locale);
}

const forReader = (write: (value: unknown, reader: Reader, option: unknown) => string): FilterImplOptions =>
  function (value: unknown, option: unknown) {
    return write(value, this.context.globals as Reader, option);
  };

const keep = (all: Record<string, unknown>, names: readonly string[]): void => {
  for (const name of Object.keys(all)) if (!names.includes(name)) delete all[name];
};

/** An engine for one rendering, as it counts what it writes. */
function engineOf(part: Part): Liquid {
  let written = 0;
  const outputEscape = (value: unknown): string => {
    const text = part === 'html' ? escapeHtml(plain(value)) : plain(value);
    written += text.length;
    if (written > MAX_OUTPUT) throw new WrongValue(`makes the letter longer than ${MAX_OUTPUT} characters`);
    return text;
  };
  const engine = new Liquid({
    templates: {}, // closes the file system: without it {% render 'package.json' %} prints that file
    ownPropertyOnly: true,
    strictVariables: true,
    strictFilters: true,
    lenientIf: true, // `if` and `default` are how an author says what to write without a value
    outputEscape,
    ...LIMITS,
  });
  keep(engine.tags, TAGS);
  keep(engine.filters, FILTERS); // `raw` among those that go: it would switch the escaping off
  engine.registerFilter('money', forReader(moneyText));
  engine.registerFilter('date', forReader(dateText));
  engine.registerFilter('safe_url', safeUrl);
  return engine;
}

const partsOf = (letter: LetterTemplate): [Part, string][] => [
  ['subject', letter.subject],
  'html' in letter ? ['html', letter.html] : ['text', letter.text],
];

/** Values as a template sees them: null and empty texts are missing, nothing is inherited. */
function given(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(given);
  if (typeof value === 'string') return value.replace(PLACEHOLDER, 'placeholder $1');
  if (typeof value !== 'object' || value === null || value instanceof Placeholder) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined && member !== null && member !== '')
      .map(([name, member]) => [name, given(member)]),
  );
}

type Fault = { error: string; missing?: string; line?: number; column?: number };

function faultOf(cause: unknown): Fault {
  if (!LiquidError.is(cause)) return { error: cause instanceof Error ? cause.message : String(cause) };
  const [line, column] = cause.token.getPosition();
  const place = { ...(line !== undefined && { line }), ...(column !== undefined && { column }) };
  const inner = cause.originalError;
  const source = cause.token.getText().replace(/^\{\{-?\s*|\s*-?\}\}$/g, '');
  if (inner instanceof MissingValue || (inner && 'variableName' in inner)) {
    const missing = 'variableName' in inner ? String(inner.variableName) : source;
    return { error: `${missing} has no value`, missing, ...place };
  }
  if (inner instanceof WrongValue) return { error: `${source} ${inner.message}`, ...place };
  return { error: cause.message.replace(/, line:\d+, col:\d+$/, ''), ...place };
}

/**
 * Renders a letter. Values in HTML are escaped; `{{ order.total | money }}` takes Money, `{{ deal.closeOn | date }}` a
 * PlainDate or Instant (`date: 'time'` adds the time of day), `{{ page | safe_url }}` stands in every link. A value that is
 * missing (absent, null, empty) stops the letter and is named, unless the template asks with `if` or gives a `default`.
 * The text of an HTML letter is made from it. Never throws.
 */
export function renderLetter(
  template: LetterTemplate,
  values: Readonly<Record<string, unknown>>,
  reader: Reader,
): RenderedLetter {
  const scope = given(values) as Record<string, unknown>;
  const done: Partial<Record<Part, string>> = {};
  for (const [part, source] of partsOf(template)) {
    try {
      const text = engineOf(part).parseAndRenderSync(source, scope, { globals: { ...reader } });
      if (text.length > MAX_OUTPUT) return { ok: false, part, error: `is longer than ${MAX_OUTPUT} characters` };
      done[part] = text;
    } catch (cause) {
      const { error, missing } = faultOf(cause);
      return { ok: false, part, error, ...(missing !== undefined && { missing }) };
    }
  }
  const subject = (done.subject ?? '').replace(/\s+/g, ' ').trim();
  if (subject === '') return { ok: false, part: 'subject', error: 'The subject is empty' };
  const { html, text = htmlToText(html ?? '') } = done;
  return { ok: true, subject, text, ...(html !== undefined && { html }) };
}

const LINK = /\b(?:href|src|action|background)\s*=\s*["']?\s*([^"'\s>{]*)(\{\{[\s\S]*?\}\})?/gi;

/** What escaping cannot mend in an HTML template. */
function htmlFault(html: string): string | undefined {
  const element = /<\s*(script|iframe|object|embed|form|base|meta|link)\b/i.exec(html)?.[1];
  if (element !== undefined) return `<${element}> is not allowed in a letter`;
  if (/<[^<>]*\son\w+\s*=/i.test(html)) return 'scripts (attributes such as onclick) are not allowed in a letter';
  for (const [, start = '', output] of html.matchAll(LINK)) {
    const safe = output !== undefined && start === '' ? /\|\s*safe_url\s*-?\}\}$/.test(output) : isLink(start, output);
    if (!safe)
      return `a link must be {{ … | safe_url }} or begin with https:// or mailto:, not "${start}${output ?? ''}"`;
  }
  if (/<[a-z](?:[^<>"']|"[^"]*"|'[^']*')*?\s[\w-]+\s*=\s*\{\{/i.test(html))
    return 'put quotes around attributes: class="{{ … }}"';
  return undefined;
}

const isLink = (start: string, output: string | undefined): boolean =>
  output === undefined
    ? /^(https:\/\/|mailto:|tel:|cid:|#|placeholder:)/.test(start)
    : /^(https:\/\/[^/]+\/|mailto:)/.test(start);

/** Checks a template when it is saved: syntax, filters and tags, and in HTML what escaping does not make safe. */
export function checkTemplate(template: LetterTemplate): CheckedTemplate {
  const fields = new Set<string>();
  for (const [part, source] of partsOf(template)) {
    try {
      for (const field of engineOf(part).globalFullVariablesSync(source)) fields.add(field);
    } catch (cause) {
      const { missing: _, ...fault } = faultOf(cause);
      return { ok: false, part, ...fault };
    }
    const error = part === 'html' ? htmlFault(source) : undefined;
    if (error !== undefined) return { ok: false, part, error };
  }
  return { ok: true, fields: [...fields].toSorted() };
}

const NAMED: Record<string, string> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  laquo: '«',
  raquo: '»',
  mdash: '—',
  ndash: '–',
  hellip: '…',
  copy: '©',
};

function entity(whole: string, name: string): string {
  if (!name.startsWith('#')) return NAMED[name.toLowerCase()] ?? whole;
  const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
  return code <= 0x10ffff ? String.fromCodePoint(code).toWellFormed() : whole;
}

/** The plain text of a letter in HTML: paragraphs and list items on lines, links as `text (address)`. */
export function htmlToText(html: string): string {
  return html
    .replace(/<!--[\s\S]*?-->|<(head|style|script|title)\b[\s\S]*?<\/\1\s*>/gi, '')
    .replace(/\s+/g, ' ')
    .replace(
      /<a\b[^>]*?\bhref\s*=\s*(["'])(.*?)\1[^>]*>(.*?)<\/a\s*>/gi,
      (_whole, _quote, url: string, label: string) =>
        label.trim() === url.replace(/^mailto:/, '') ? label : `${label} (${url})`,
    )
    .replace(/<li\b[^>]*>/gi, '\n- ')
    .replace(/<br\b[^>]*>|<\/(div|tr|ul|ol)\s*>/gi, '\n')
    .replace(/<\/(p|h[1-6]|table|blockquote)\s*>/gi, '\n\n')
    .replace(/<\/t[dh]\s*>/gi, ' ')
    .replace(/<[^>]*>/g, '')
    .replace(/&(#x[0-9a-f]{1,6}|#\d{1,7}|[a-z]{2,8});/gi, entity)
    .replace(/[^\S\n]*\n[^\S\n]*/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}
