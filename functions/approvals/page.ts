import { escapeHtml } from '#shared/text.ts';
import { formatInstant } from '#shared/time.ts';
import type { Approval, Token } from './approval.ts';

const WORDS = {
  ru: {
    ask: 'Согласовать?',
    asks: 'Просит',
    approve: 'Согласовать',
    refuse: 'Отклонить',
    comment: 'Комментарий (при отказе обязателен)',
    needComment: 'Напишите, почему отказываете.',
    forYou: 'Ссылка выдана лично вам:',
    approved: 'Согласовано',
    refused: 'Отклонено',
    voided: 'Условия изменились после запроса: решать больше нечего. Если согласование ещё нужно, придёт новое письмо.',
    expired: 'Срок ответа истёк.',
    by: (who: string, when: string) => `Решение принял(а) ${who}, ${when}.`,
    unknown: 'Такой ссылки нет. Откройте её из письма целиком.',
    close: 'Страницу можно закрыть.',
  },
  en: {
    ask: 'Approve?',
    asks: 'Asked by',
    approve: 'Approve',
    refuse: 'Refuse',
    comment: 'Comment (needed for a refusal)',
    needComment: 'Say why you refuse.',
    forYou: 'This link was made for you:',
    approved: 'Approved',
    refused: 'Refused',
    voided:
      'The terms were changed after this was asked: there is nothing left to decide. If it still needs an approval, you will get a new letter.',
    expired: 'The time to answer is over.',
    by: (who: string, when: string) => `Decided by ${who}, ${when}.`,
    unknown: 'There is no such link. Open it from the letter as a whole.',
    close: 'You can close this page.',
  },
} as const;

const STYLE =
  ':root{color-scheme:light dark}body{background:light-dark(#fff,#15181d);color:light-dark(#1a1a1a,#ececec);font:17px/1.5 system-ui,sans-serif;max-width:36em;margin:2em auto;padding:0 1em}h1{font-size:1.4em}dl{display:grid;grid-template-columns:auto 1fr;gap:.3em 1em}dt{opacity:.7}dd{margin:0;font-weight:600}' +
  'textarea{width:100%;box-sizing:border-box;min-height:5em;font:inherit}button{font:inherit;min-height:44px;padding:.4em 1.4em;margin:.6em .6em 0 0;border-radius:8px;border:1px solid;cursor:pointer}.p{background:#15803d;color:#fff;border-color:#15803d}.e{color:light-dark(#b91c1c,#fca5a5)}';

const page = (locale: 'ru' | 'en', title: string, body: string): string =>
  `<!doctype html><html lang="${locale}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="robots" content="noindex">` +
  `<title>${escapeHtml(title)}</title><style>${STYLE}</style></head><body><main>${body}</main></body></html>`;

/** A page that works without script, is shown as often as wanted, and changes nothing by being shown. */
export function decisionPage(approval: Approval, { approver }: Token, fault?: 'comment'): string {
  const { locale, zone, name } = approver;
  const words = WORDS[locale];
  const lines = [
    ...[...approval.shown, ...(approval.shownCost ?? [])].map((line) => [line[locale], line.value] as const),
    [words.asks, approval.askedBy.name] as const,
  ];
  const facts = `<dl>${lines.map(([label, value]) => `<dt>${escapeHtml(label)}</dt><dd>${escapeHtml(value)}</dd>`).join('')}</dl>`;
  if (approval.state === 'pending') {
    const form =
      `<form method="post"><p><label for="comment">${words.comment}</label><textarea id="comment" name="comment" maxlength="2000"></textarea></p>` +
      `${fault ? `<p class="e" role="alert">${words.needComment}</p>` : ''}<button class="p" name="decision" value="approve">${words.approve}</button>` +
      `<button name="decision" value="refuse">${words.refuse}</button></form>`;
    return page(
      locale,
      `${words.ask} ${approval.title}`,
      `<h1>${words.ask} ${escapeHtml(approval.title)}</h1>${facts}<p>${words.forYou} ${escapeHtml(name)}</p>${form}`,
    );
  }
  const when = approval.decidedAt === undefined ? '' : formatInstant(approval.decidedAt, { locale, zone });
  const who = approval.decidedBy ? words.by(approval.decidedBy.name, when) : '';
  const comment = approval.comment === undefined ? '' : `<blockquote>${escapeHtml(approval.comment)}</blockquote>`;
  return page(
    locale,
    approval.title,
    `<h1>${escapeHtml(approval.title)}</h1><p role="status">${words[approval.state]}</p><p>${escapeHtml(who)}</p>${comment}${facts}<p>${words.close}</p>`,
  );
}

export const unknownPage = (locale: 'ru' | 'en'): string =>
  page(locale, '404', `<h1>404</h1><p>${WORDS[locale].unknown}</p>`);
