import { inLanguage } from '#functions/settings/setting.ts';
import { escapeHtml } from '#shared/text.ts';
import type { Form } from './form.ts';

type Field = Form['fields'][number];

function control(field: Field, locale: 'ru' | 'en'): string {
  const name = escapeHtml(field.name);
  const required = field.required ? ' required' : '';
  if (field.type === 'textarea') return `<textarea name="${name}"${required}></textarea>`;
  if (field.type === 'select') {
    const options = (field.options ?? []).map(
      (one) => `<option value="${escapeHtml(one.value)}">${escapeHtml(inLanguage(one.label, locale))}</option>`,
    );
    return `<select name="${name}"${required}><option value=""></option>${options.join('')}</select>`;
  }
  return `<input type="${field.type}" name="${name}"${required}>`;
}

/** Two ways to put a form on a site: the custom element, and plain HTML that needs no script. */
export function snippet(formId: string, form: Form, locale: 'ru' | 'en', base: string): string {
  const url = `${base}/public/forms/${encodeURIComponent(formId)}`;
  const fields = form.fields.map(
    (field) => `  <label>${escapeHtml(inLanguage(field.label, locale))} ${control(field, locale)}</label>`,
  );
  const visit = `
<!-- On every page: where visitors come from, known again when they fill in the form -->
<script async src="${base}/public/visit.js" data-form="${escapeHtml(formId)}"></script>
`;
  return `${form.track ? visit.trimStart() : ''}<!-- With script: checks as people type, works in any page -->
<script async src="${base}/public/form.js"></script>
<sdelka-form form="${escapeHtml(formId)}" lang="${locale}"></sdelka-form>

<!-- Without script -->
<form method="post" action="${url}" accept-charset="utf-8">
${fields.join('\n')}
  <div hidden aria-hidden="true"><input name="${escapeHtml(form.honeypot)}" tabindex="-1" autocomplete="off"></div>
  <button>${escapeHtml(inLanguage(form.submit, locale))}</button>
</form>
`;
}

export const thanksPage = (text: string, locale: 'ru' | 'en'): string =>
  `<!doctype html><html lang="${locale}"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(text)}</title>` +
  `<body style="font:18px/1.5 system-ui,sans-serif;max-width:32em;margin:4em auto;padding:0 1em"><main><p role="status">${escapeHtml(text)}</p></main></body></html>`;
