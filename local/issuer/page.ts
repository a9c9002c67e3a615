import type { DemoUser } from './token.ts';

const TEXTS = {
  ru: {
    title: 'Вход в «Сделку»',
    choose: 'Кем вы хотите войти?',
    note: 'Это вход для пробы и разработки на этой машине: пароля нет.',
    none: 'Пользователей пока нет.',
    out: 'Вы вышли.',
    wrong: 'Войти нельзя',
  },
  en: {
    title: 'Sign in to Sdelka',
    choose: 'Who do you want to be?',
    note: 'This sign-in is for trial and development on this machine: there is no password.',
    none: 'There are no users yet.',
    out: 'You have signed out.',
    wrong: 'You cannot sign in',
  },
};
export type Language = keyof typeof TEXTS;

/** The reader's language: what the application asks for, else the browser's; English when neither is Russian. */
export const languageOf = (asked: string | null, accepted = ''): Language =>
  /^ru\b/i.test(asked ?? accepted.split(',')[0] ?? '') ? 'ru' : 'en';

/** The page where a person picks who to be; `query` is the authorization request and goes along with the choice. */
export function signInPage(language: Language, users: readonly DemoUser[], query: URLSearchParams): string {
  const { title, choose, note, none } = TEXTS[language];
  const hidden = [...query].map(
    ([name, value]) => `<input type="hidden" name="${escaped(name)}" value="${escaped(value)}">`,
  );
  const buttons = users.map(
    ({ sub, email, name, roles }) =>
      `<button name="sub" value="${escaped(sub)}"><b>${escaped(name)}</b><span>${escaped(email)}</span>` +
      `<i>${escaped(roles.join(', '))}</i></button>`,
  );
  const list = buttons.length ? buttons.join('') : `<p>${none}</p>`;
  return page(
    language,
    title,
    `<p>${choose}</p><form method="post">${hidden.join('')}${list}</form><small>${note}</small>`,
  );
}

export const signedOutPage = (language: Language): string =>
  page(language, TEXTS[language].title, `<p>${TEXTS[language].out}</p>`);

export const refusalPage = (language: Language, reason: string): string =>
  page(language, TEXTS[language].wrong, `<p>${escaped(reason)}</p>`);

const page = (language: Language, title: string, body: string): string => `<!doctype html>
<html lang="${language}"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${title}</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 26rem; margin: 4rem auto; padding: 0 1rem; color: #1c2430 }
button { display: grid; width: 100%; margin: .5rem 0; padding: .7rem 1rem; font: inherit; text-align: left;
  border: 1px solid #c4ccd8; border-radius: .5rem; background: #fff; cursor: pointer }
button:hover, button:focus-visible { border-color: #2f6fed; outline: 2px solid #2f6fed33 }
span, i, small { color: #5a6676; font-style: normal }
</style>
<main><h1>${title}</h1>${body}</main></html>`;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (sign) => ENTITIES[sign] ?? '');
