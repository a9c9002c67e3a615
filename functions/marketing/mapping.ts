import type { Contact } from '#functions/clients/person.ts';
import { normaliseEmail } from '#shared/email.ts';
import { normalisePhone } from '#shared/phone.ts';
import { clean } from '#shared/text.ts';
import type { Mapping } from './form.ts';

/** What a dotted path finds; the first element where it meets a list. */
function at(value: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((found, part) => {
    const one = Array.isArray(found) && !/^\d+$/.test(part) ? (found[0] as unknown) : found;
    return typeof one === 'object' && one !== null && Object.hasOwn(one, part)
      ? (one as Record<string, unknown>)[part]
      : undefined;
  }, value);
}

function firstText(value: unknown, paths: readonly string[] | undefined, max: number): string | undefined {
  for (const path of paths ?? []) {
    const found = at(value, path);
    const one: unknown = Array.isArray(found) ? found[0] : found;
    if (typeof one !== 'string' && typeof one !== 'number' && typeof one !== 'boolean') continue;
    const text = clean(String(one)).trim().slice(0, max);
    if (text !== '') return text;
  }
  return undefined;
}

/** As `firstText`, with every one of several that were chosen. */
function allTexts(value: unknown, paths: readonly string[]): string | undefined {
  for (const path of paths) {
    const found = at(value, path);
    const all = Array.isArray(found) ? found.map((one: unknown) => firstText([one], ['0'], 2000)) : [];
    const text = all.filter((one) => one !== undefined).join('; ') || firstText(value, [path], 10_000);
    if (text !== undefined) return text;
  }
  return undefined;
}

const USUAL: Required<Omit<Mapping, 'answers' | 'custom'>> = {
  email: ['email', 'e-mail', 'mail', 'values.email', 'contact.email'],
  phone: ['phone', 'tel', 'values.phone', 'contact.phone'],
  name: ['name', 'fio', 'values.name', 'contact.name'],
  company: ['company', 'values.company'],
  message: ['message', 'comment', 'text', 'values.message'],
};

export type Mapped = {
  contact: Contact;
  company?: string | undefined;
  message?: string | undefined;
  answers: Record<string, string>;
  wrongEmail?: string | undefined;
  /** Texts for own fields of the lead. */
  texts: Record<string, string>;
};

/** What a lead needs, out of a request of any shape. `error` says why it cannot be one: there is no way to reach anybody. */
export function mapped(value: unknown, mapping: Mapping): Mapped | { error: string } {
  const text = (field: keyof typeof USUAL, max: number) => firstText(value, mapping[field] ?? USUAL[field], max);
  const rawEmail = text('email', 320);
  const email = rawEmail === undefined ? undefined : normaliseEmail(rawEmail);
  const rawPhone = text('phone', 60);
  const phone = rawPhone === undefined ? undefined : normalisePhone(rawPhone);
  if (email === undefined && phone === undefined) {
    const tried = [
      rawEmail === undefined ? 'no e-mail' : 'the e-mail is not one',
      rawPhone === undefined ? 'no phone' : 'the phone is not one',
    ];
    return { error: `Nobody to reach: ${tried.join(', ')}. Mend the mapping of the source and replay.` };
  }
  const answers = Object.entries(mapping.answers ?? {}).flatMap(([name, paths]) => {
    const answer = firstText(value, paths, 2000);
    return answer === undefined ? [] : [[name, answer] as const];
  });
  return {
    contact: { name: text('name', 200), email, phone },
    company: text('company', 200),
    message: text('message', 10_000),
    answers: Object.fromEntries(answers),
    wrongEmail: email === undefined ? rawEmail : undefined,
    texts: Object.fromEntries(
      Object.entries(mapping.custom ?? {}).flatMap(([id, paths]) => {
        const text = allTexts(value, paths);
        return text === undefined ? [] : [[id, text] as const];
      }),
    ),
  };
}
