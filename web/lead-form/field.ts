import type { FormText } from '#functions/marketing/form-text.ts';
import { element } from './element.ts';

export type Field = {
  name: string;
  type: 'text' | 'email' | 'tel' | 'textarea' | 'select' | 'checkbox';
  label: string;
  required: boolean;
  options?: { value: string; label: string }[];
};
type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;
/** A field as it is shown: what to put into the page, what is filled in, and where its fault is said. */
export type Row = { field: Field; view: HTMLElement; control: Control; fault: HTMLElement };

const KNOWN: Readonly<Record<string, string>> = { name: 'name', email: 'email', tel: 'tel', company: 'organization' };

export function rowOf(field: Field): Row {
  const { name, type, label, required } = field;
  const attributes = {
    id: name,
    name,
    required,
    autocomplete: KNOWN[type] ?? KNOWN[name] ?? false,
    'aria-describedby': `${name}-fault`,
  };
  const control = controlOf(field, attributes);
  const words = element('label', { for: name }, label, required ? ' *' : '');
  const fault = element('p', { id: `${name}-fault`, class: 'fault' });
  const view = element('div', { class: type }, ...(type === 'checkbox' ? [control, words] : [words, control]), fault);
  return { field, view, control, fault };
}

function controlOf({ type, options = [] }: Field, attributes: Parameters<typeof element>[1]): Control {
  if (type === 'textarea') return element(type, { ...attributes, rows: '3' });
  if (type !== 'select') return element('input', { ...attributes, type });
  const choices = [{ value: '', label: '' }, ...options];
  return element(type, attributes, ...choices.map(({ value, label }) => element('option', { value }, label)));
}

/** Says what is wrong with what was filled in, or that nothing is. */
export function check({ control, field, fault }: Row, text: FormText, other = ''): void {
  const { valueMissing, typeMismatch } = control.validity;
  const empty = valueMissing || (field.required && !control.value.trim());
  fault.textContent = empty ? text.required : typeMismatch ? text.email : other;
  control.ariaInvalid = String(fault.textContent !== '');
}

/** The field where it is said that there is no way to answer: the first for an address or a phone, if all of them are empty. */
export function contactMissing(rows: readonly Row[]): Row | undefined {
  const contacts = rows.filter(({ field }) => field.type === 'email' || field.type === 'tel');
  return contacts.some(({ control }) => control.value.trim()) ? undefined : contacts[0];
}
