import { inLanguage, type Bilingual } from '#functions/settings/setting.ts';
import type { Actor } from '#shared/events.ts';

type Locale = 'ru' | 'en';
const both = (ru: string, en: string): Bilingual => ({ ru, en });

/** What happened, in words; `{field}` is filled from what the event carries. An event that is not here is told by its name. */
const SAYS: Readonly<Record<string, Bilingual>> = {
  'lead.captured': both('Лид получен, канал {channel}', 'Lead captured by channel {channel}'),
  'lead.changed': both('Лид изменён', 'Lead changed'),
  'lead.contacted': both('Первый контакт: {how}', 'First contact: {how}'),
  'lead.qualified': both('Лид квалифицирован', 'Lead qualified'),
  'lead.rejected': both('Лид отклонён: {reason}', 'Lead rejected: {reason}'),
  'lead.assigned': both('Сменился ответственный', 'Given to somebody else'),
  'lead.planned': both('Назначен следующий шаг', 'Next action set'),
  'lead.converted': both('Лид стал клиентом', 'Lead became a client'),
  'lead.unplanned': both('Следующего шага нет', 'No next action any more'),
  'lead.worked': both('С лидом работали', 'Somebody worked on it'),
  'lead.postponed': both('Отложен до {until}: {reason}', 'Postponed until {until}: {reason}'),
  'lead.returned': both('Вернулся в работу', 'Came back to work'),
  'channel.silent': both('Канал молчит дольше обычного', 'The channel is silent for longer than is usual'),
  'channel.heard': both('Канал снова приносит лиды', 'The channel brings leads again'),
  'person.created': both('Человек добавлен', 'Person added'),
  'person.changed': both('Данные человека изменены', 'Person changed'),
  'client.created': both('Клиент добавлен', 'Client added'),
  'client.changed': both('Клиент изменён', 'Client changed'),
  'client.joined': both('Добавлен контакт', 'Contact added'),
  'member.joined': both('Представляет клиента', 'Stands for a client'),
  'member.changed': both('Изменена роль у клиента', 'Place with a client changed'),
  'member.left': both('Больше не представляет клиента', 'No longer stands for a client'),
  'deal.opened': both('Сделка открыта', 'Deal opened'),
  'deal.changed': both('Сделка изменена', 'Deal changed'),
  'deal.moved': both('Стадия: {from} → {to}', 'Stage: {from} → {to}'),
  'deal.assigned': both('Сменился ответственный', 'Given to somebody else'),
  'deal.planned': both('Назначен следующий шаг', 'Next action set'),
  'deal.approval-known': both('Согласование: {state}', 'Approval: {state}'),
  'deal.won': both('Сделка выиграна', 'Deal won'),
  'approval.asked': both('Запрошено согласование', 'Approval asked for'),
  'approval.decided': both('Решено: {state}', 'Decided: {state}'),
  'approval.voided': both('Согласование снято', 'Approval voided'),
  'approval.expired': both('На согласование не ответили', 'Nobody answered the approval'),
  'order.drafted': both('Создан черновик заказа', 'Draft order made'),
  'product.added': both('Товар добавлен', 'Product added'),
  'product.changed': both('Товар изменён', 'Product changed'),
  'activity.created': both('Действие создано', 'Activity made'),
  'activity.changed': both('Действие изменено', 'Activity changed'),
  'activity.done': both('Действие выполнено', 'Activity done'),
  'activity.cancelled': both('Действие отменено', 'Activity called off'),
  'activity.reopened': both('Действие возобновлено', 'Activity taken up again'),
  'activity.due': both('Наступил срок', 'Its time has come'),
};

const ACTORS: Readonly<Record<string, Bilingual>> = {
  system: both('Система', 'System'),
  robot: both('Робот', 'Robot'),
  link: both('По ссылке из письма', 'By a link in a letter'),
  public: both('Посетитель сайта', 'Visitor of the site'),
};

const filled = (text: string, data: Readonly<Record<string, unknown>>): string =>
  text.replaceAll(/\{(\w+)\}/g, (_, field: string) => {
    const value = data[field];
    return typeof value === 'string' || typeof value === 'number' ? String(value) : '—';
  });

/** A sentence about an event in somebody's language. */
export const eventText = (type: string, data: Readonly<Record<string, unknown>>, locale: Locale): string =>
  SAYS[type] ? filled(inLanguage(SAYS[type], locale), data) : type;

/** Who did it: a person by his name, else what kind of doer it was. */
export const actorText = (by: Actor, locale: Locale): string =>
  by.name ?? (ACTORS[by.kind] ? inLanguage(ACTORS[by.kind] as Bilingual, locale) : by.id);
