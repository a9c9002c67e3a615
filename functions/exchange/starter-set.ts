import type { NewAccount } from '#functions/auth/account.ts';
import { calendarKind } from '#functions/activities/calendar.ts';
import { DEFAULT_WORK_RULES, workRulesKind } from '#functions/activities/work-list.ts';
import { policyKind } from '#functions/approvals/policy.ts';
import { NewProduct } from '#functions/catalog/product.ts';
import { dealTypeKind } from '#functions/deals/deal-type.ts';
import { leadTypeKind } from '#functions/leads/lead-type.ts';
import { scoringKind } from '#functions/leads/scoring.ts';
import { channelKind } from '#functions/marketing/channel.ts';
import { formKind, sourceKind } from '#functions/marketing/form.ts';
import { templateKind } from '#functions/mail/template.ts';
import { legalEntityKind } from '#functions/settings/legal-entity.ts';
import type { Kind } from '#functions/settings/setting.ts';
import type * as z from 'zod';
import { workingCalendar } from './starter-calendar.ts';
import { letters } from './starter-letters.ts';

/** Fixed ids, so that loading the set twice adds nothing. */
const fixed = (prefix: string, name: string): string =>
  `${prefix}_00000000000000${name
    .toUpperCase()
    .replaceAll(/[ILOU]/g, '0')
    .padStart(12, '0')}`;
export const TEAM_ID = fixed('team', 'SA');
const user = (
  name: string,
  email: string,
  role: 'head' | 'seller' | 'marketer' | 'accountant',
  locale: 'ru' | 'en',
) => ({
  id: fixed('user', email.split('@')[0] ?? ''),
  name,
  email,
  roles: [role],
  locale,
  zone: 'Europe/Moscow',
  ...((role === 'head' || role === 'seller') && { teamId: TEAM_ID }),
});

export const people: readonly (z.output<typeof NewAccount> & { id: string })[] = [
  user('Ольга Громова', 'head@sdelka.example', 'head', 'ru'),
  user('Иван Петров', 'seller@sdelka.example', 'seller', 'ru'),
  user('Anna Meyer', 'anna@sdelka.example', 'seller', 'en'),
  user('Мария Белова', 'market@sdelka.example', 'marketer', 'ru'),
  user('Пётр Сидоров', 'books@sdelka.example', 'accountant', 'ru'),
];
const [head, ivan, anna] = people.map(({ id }) => id);
export const team = {
  id: TEAM_ID,
  name: 'Продажи / Sales',
  headId: head,
  memberIds: [ivan, anna].filter((id): id is string => id !== undefined),
};

type Ready = { kind: string; id: string; name: string; body: Record<string, unknown> };
/** Bodies are in wire form, as they come over the API. */
const setting = ({ kind }: Pick<Kind, 'kind'>, id: string, name: string, body: Record<string, unknown>): Ready => ({
  kind,
  id,
  name,
  body,
});

const both = (ru: string, en: string) => ({ ru, en });
const open = (id: string, name: ReturnType<typeof both>, probability: number, requires: string[], next: string[]) => ({
  id,
  name,
  kind: 'open',
  probability,
  requires,
  next,
});
const closing = [
  { id: 'won', name: both('Выиграна', 'Won'), kind: 'won', probability: 100, requires: ['lines'], next: [] },
  { id: 'lost', name: both('Проиграна', 'Lost'), kind: 'lost', probability: 0, requires: ['lostReason'], next: [] },
];
const intake = { teamId: TEAM_ID, welcome: 'welcome', locale: 'ru' };
const field = (name: string, type: string, ru: string, en: string, required = false) => ({
  name,
  type,
  label: both(ru, en),
  required,
});

/** `adminId` is whom approvals go up to: the admin who loads the set. */
export const settingsFor = (adminId: string): readonly Ready[] => [
  setting(legalEntityKind, 'main', 'ООО «Пример»', {
    fullName: 'Общество с ограниченной ответственностью «Пример»',
    taxId: '7707083893',
    address: 'Москва, ул. Примерная, 1',
    zone: 'Europe/Moscow',
    currency: 'RUB',
  }),
  setting(
    calendarKind,
    'main',
    'Рабочий календарь: проверьте праздники / Working calendar: check the holidays',
    workingCalendar,
  ),
  setting(workRulesKind, 'main', 'Правила работы / Work rules', DEFAULT_WORK_RULES),
  setting(channelKind, 'site', 'Сайт / Web site', { kind: 'form', on: true }),
  setting(channelKind, 'partner', 'Партнёры / Partners', { kind: 'partner', on: true }),
  setting(channelKind, 'phone', 'Звонки / Calls', { kind: 'call', on: true }),
  setting(formKind, 'site', 'Форма на сайте / Site form', {
    ...intake,
    channel: 'site',
    mapping: {},
    title: both('Оставьте заявку', 'Ask us'),
    submit: both('Отправить', 'Send'),
    thanks: both('Спасибо! Мы свяжемся с вами.', 'Thank you! We will be in touch.'),
    fields: [
      field('name', 'text', 'Имя', 'Name', true),
      field('email', 'email', 'Почта', 'E-mail'),
      field('phone', 'tel', 'Телефон', 'Phone'),
      field('company', 'text', 'Компания', 'Company'),
      field('message', 'textarea', 'Сообщение', 'Message'),
    ],
    allowedOrigins: [],
  }),
  setting(sourceKind, 'partner', 'Партнёрский вебхук / Partner hook', {
    ...intake,
    channel: 'partner',
    mapping: {
      email: ['lead.email', 'email'],
      phone: ['lead.phone', 'phone'],
      name: ['lead.name', 'name'],
      company: ['lead.company', 'company'],
    },
  }),
  setting(leadTypeKind, 'lead', 'Лид / Lead', {
    questions: [
      { id: 'need', text: both('Что нужно?', 'What is needed?'), required: true },
      { id: 'budget', text: both('Какой бюджет?', 'What is the budget?'), required: false },
    ],
    rejectReasons: [
      { id: 'not-a-buyer', name: both('Не покупатель', 'Not a buyer') },
      { id: 'no-budget', name: both('Нет бюджета', 'No budget') },
      { id: 'unreachable', name: both('Не удалось связаться', 'Could not be reached') },
      { id: 'double', name: both('Дубль', 'Duplicate') },
    ],
    firstContactMinutes: 15,
    qualificationMinutes: 1440,
  }),
  setting(scoringKind, 'lead', 'Оценка лидов / Lead scoring', {
    rules: [
      { name: 'phone given', kind: 'fit', when: "lead.phone != ''", points: 20 },
      { name: 'company given', kind: 'fit', when: "lead.company != ''", points: 25 },
      { name: 'free mail', kind: 'fit', when: 'lead.freeMail', points: -5 },
      { name: 'known person', kind: 'engagement', when: 'lead.knownPerson', points: 15 },
      { name: 'wrote a message', kind: 'engagement', when: "lead.message != ''", points: 10 },
    ],
  }),
  setting(dealTypeKind, 'quick', 'Быстрая продажа / Quick sale', {
    category: 'quick',
    stages: [
      open('new', both('Новая', 'New'), 30, [], ['agreed', 'won', 'lost']),
      open('agreed', both('Согласована', 'Agreed'), 70, ['lines'], ['won', 'lost']),
      ...closing,
    ],
  }),
  setting(dealTypeKind, 'complex', 'Сложная сделка / Complex deal', {
    category: 'complex',
    stages: [
      open('contact', both('Контакт', 'Contact'), 10, [], ['needs', 'lost']),
      open('needs', both('Потребность', 'Needs'), 25, ['nextStep'], ['offer', 'lost']),
      open('offer', both('Предложение', 'Offer'), 50, ['lines', 'expectedOn'], ['needs', 'terms', 'lost']),
      open('terms', both('Условия', 'Terms'), 75, ['lines', 'expectedOn'], ['offer', 'won', 'lost']),
      ...closing,
    ],
  }),
  setting(policyKind, 'discount', 'Скидка и маржа / Discount and margin', {
    subject: 'deal',
    when: 'deal.discount > 10 || (deal.hasCost && deal.margin < 15)',
    escalateTo: adminId,
    deadlineHours: 24,
  }),
  ...Object.entries(letters).map(([id, { name, body }]) => setting(templateKind as never, id, name, body)),
];

const product = (sku: string, name: string, category: string, unit: string, price: string, cost: string) =>
  ({
    id: fixed('product', sku.replaceAll('-', '')),
    ...NewProduct.parse({ sku, name, category, unit, price, cost, currency: 'RUB', taxPercent: '20' }),
  }) as const;

export const products = [
  product('PUMP-10', 'Насос ЦН-10', 'pumps', 'шт', '48500.00', '31000.00'),
  product('PUMP-20', 'Насос ЦН-20', 'pumps', 'шт', '92000.00', '61500.00'),
  product('HOSE-5', 'Рукав напорный 5 м', 'parts', 'шт', '3650.50', '1900.00'),
  product('SEAL-1', 'Комплект уплотнений', 'parts', 'компл', '1280.00', '540.00'),
  product('SRV-1', 'Пусконаладка', 'services', 'час', '2400.00', '1100.00'),
];
