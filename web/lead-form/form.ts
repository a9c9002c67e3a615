import type { FormText } from '#functions/marketing/form-text.ts';
import { element } from './element.ts';
import { check, contactMissing, rowOf, type Field, type Row } from './field.ts';
import { style } from './style.ts';

/** A form as `GET /public/forms/{id}` shows it. */
type Definition = {
  lang: string;
  title: string;
  submit: string;
  thanks: string;
  fields: Field[];
  honeypot: string;
  start: string;
  text: FormText;
};

const PATIENCE_MS = 20_000;
const CAMPAIGN = /^(utm_\w+|gclid|yclid)$/;

// Known only while the script itself runs; a script of type module is found by its name.
const script = document.currentScript ?? document.querySelector('script[src*="/public/form.js"]');
const home = script instanceof HTMLScriptElement ? new URL(script.src).origin : '';

/** Not randomUUID: that exists on https pages only. */
const newKey = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');

/**
 * `<sdelka-form form="site" lang="ru">`: a form of the sales department on any page. Without `lang` it speaks the
 * page's language, else its own; `api` names another origin than the script's. After sending it fires `sdelka:sent`
 * with `detail.id`. How it looks: see style.ts.
 */
class SdelkaForm extends HTMLElement {
  readonly #root = this.attachShadow({ mode: 'open' });

  connectedCallback(): void {
    if (this.#root.firstChild) return;
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(style);
    this.#root.adoptedStyleSheets = [sheet];
    void this.#open();
  }

  get #url(): string {
    return `${this.getAttribute('api') ?? home}/public/forms/${encodeURIComponent(this.getAttribute('form') ?? '')}`;
  }

  async #open(): Promise<void> {
    const lang = /^(ru|en)/i.exec(this.closest('[lang]')?.getAttribute('lang') ?? '')?.[0].toLowerCase();
    try {
      const answer = await fetch(this.#url + (lang ? `?lang=${lang}` : ''));
      if (!answer.ok) throw answer;
      this.#show((await answer.json()) as Definition);
    } catch {
      const [broken, again] =
        lang === 'ru' ? ['Форма не загрузилась.', 'Ещё раз'] : ['The form could not be loaded.', 'Try again'];
      this.#say(broken, again);
    }
  }

  /** Words in place of the form, and a button that shows it anew. */
  #say(words: string, again: string): void {
    const said = element('p', { role: 'status', tabindex: '-1' }, words);
    const button = element('button', {}, again);
    button.addEventListener('click', () => void this.#open().then(() => this.#root.querySelector('input')?.focus()));
    this.#root.replaceChildren(said, button);
  }

  #show(definition: Definition): void {
    const { title, fields, honeypot, start, text } = definition;
    const rows = fields.map(rowOf);
    const status = element('p', { class: 'fault', role: 'status' });
    const button = element('button', {}, definition.submit);
    const trap = element('input', { name: honeypot, tabindex: '-1', autocomplete: 'off' });
    const form = element(
      'form',
      { novalidate: true, 'aria-label': title },
      element('h2', {}, title),
      ...rows.map(({ view }) => view),
      element('div', { class: 'trap', 'aria-hidden': 'true' }, trap),
      button,
      status,
    );
    const key = newKey();
    watch(form, rows, text);
    const submit = async (): Promise<void> => {
      if (button.ariaDisabled || !complete(rows, text)) return;
      button.ariaDisabled = 'true'; // not `disabled`, which would lose the focus
      status.textContent = text.sending;
      status.textContent = await this.#send(definition, filledIn(form, start), key);
      button.ariaDisabled = null;
    };
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      void submit();
    });
    this.#root.replaceChildren(form);
  }

  /** Answers what went wrong. One key for all tries of one filled form: however often it is sent, it is one request. */
  async #send({ lang, text, thanks }: Definition, body: object, key: string): Promise<string> {
    try {
      const answer = await fetch(this.#url, {
        method: 'POST',
        keepalive: true,
        signal: AbortSignal.timeout(PATIENCE_MS),
        headers: { 'content-type': 'application/json', 'accept-language': lang, 'idempotency-key': key },
        body: JSON.stringify(body),
      });
      const { id, detail } = (await answer.json()) as { id?: string; detail?: string };
      if (!answer.ok) return detail ?? text.failed;
      this.#say(thanks, text.another);
      this.#root.querySelector('p')?.focus();
      this.dispatchEvent(new CustomEvent('sdelka:sent', { bubbles: true, composed: true, detail: { id } }));
      return '';
    } catch {
      return text.failed;
    }
  }
}

/** Checks a field when it was left changed, and one that was wrong at every letter. */
function watch(form: HTMLFormElement, rows: readonly Row[], text: FormText): void {
  const look = ({ target, type }: Event): void => {
    const row = rows.find(({ control }) => control === target);
    if (row && (type === 'change' || row.fault.textContent)) check(row, text);
  };
  form.addEventListener('change', look);
  form.addEventListener('input', look);
}

/** Tells what is wrong and takes the person to the first of it. */
function complete(rows: readonly Row[], text: FormText): boolean {
  const nobody = contactMissing(rows);
  for (const row of rows) check(row, text, row === nobody ? text.contact : '');
  const first = rows.find(({ fault }) => fault.textContent);
  first?.control.focus();
  return !first;
}

/** What differs from click to click begins with `_`: two requests are one if the rest is equal. */
const filledIn = (form: HTMLFormElement, start: string): object => ({
  ...Object.fromEntries([...new URLSearchParams(location.search)].filter(([name]) => CAMPAIGN.test(name))),
  ...Object.fromEntries(new FormData(form)),
  _start: start,
  _page: location.href,
  _referrer: document.referrer,
  _visitor: Reflect.get(window, 'sdelkaVisitor') as unknown,
});

// The script may be on a page twice.
if (!customElements.get('sdelka-form')) customElements.define('sdelka-form', SdelkaForm);
