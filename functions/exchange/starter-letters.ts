import type { Template } from '#functions/mail/template.ts';

const ru = (subject: string, ...paragraphs: string[]) => ({
  subject,
  html: paragraphs.map((one) => `<p>${one}</p>`).join('\n'),
});
const lines = '{% for line in approval.lines %}{{ line.label }}: {{ line.value }}<br>{% endfor %}';
const decided = (subjectRu: string, bodyRu: string, subjectEn: string, bodyEn: string): Template => ({
  ru: ru(
    `${subjectRu}: {{ approval.title }}`,
    'Здравствуйте, {{ reader.name }}!',
    bodyRu,
    '{% if approval.comment %}Комментарий: {{ approval.comment }}{% endif %}',
  ),
  en: ru(
    `${subjectEn}: {{ approval.title }}`,
    'Hello {{ reader.name }},',
    bodyEn,
    '{% if approval.comment %}Comment: {{ approval.comment }}{% endif %}',
  ),
});

/** Letters the product itself sends, by template id. Firms change them like any setting. */
export const letters: Readonly<Record<string, { name: string; body: Template }>> = {
  welcome: {
    name: 'Welcome',
    body: {
      ru: ru(
        'Мы получили ваш запрос',
        'Здравствуйте{% if lead.name %}, {{ lead.name }}{% endif %}!',
        'Спасибо за обращение. Вами займётся {{ seller.name }} и свяжется с вами в ближайшее время.',
      ),
      en: ru(
        'We have your request',
        'Hello{% if lead.name %} {{ lead.name }}{% endif %},',
        'thank you for writing to us. {{ seller.name }} will be in touch with you soon.',
      ),
    },
  },
  'approval-ask': {
    name: 'Approval: question',
    body: {
      ru: ru(
        'Согласование: {{ approval.title }}',
        'Здравствуйте, {{ reader.name }}!',
        '{{ approval.asker }} просит согласовать условия: {{ approval.title }}.',
        lines,
        'Ответьте до {{ approval.deadline | date: "time" }}. <a href="{{ link.decision | safe_url }}">Посмотреть и решить</a>',
      ),
      en: ru(
        'Approval: {{ approval.title }}',
        'Hello {{ reader.name }},',
        '{{ approval.asker }} asks you to approve: {{ approval.title }}.',
        lines,
        'Please answer by {{ approval.deadline | date: "time" }}. <a href="{{ link.decision | safe_url }}">Look and decide</a>',
      ),
    },
  },
  'approval-approved': {
    name: 'Approval: approved',
    body: decided(
      'Согласовано',
      'Условия согласованы. Решил(а): {{ approval.by }}.',
      'Approved',
      'Your terms are approved by {{ approval.by }}.',
    ),
  },
  'approval-refused': {
    name: 'Approval: refused',
    body: decided(
      'Отклонено',
      'Условия не согласованы. Решил(а): {{ approval.by }}.',
      'Refused',
      'Your terms are refused by {{ approval.by }}.',
    ),
  },
  'approval-expired': {
    name: 'Approval: no answer',
    body: decided(
      'Нет ответа',
      'Никто не ответил в срок. Сохраните условия ещё раз, чтобы спросить снова.',
      'No answer',
      'Nobody answered in time. Save the terms again to ask anew.',
    ),
  },
  reminder: {
    name: 'Reminder',
    body: {
      ru: ru(
        'Напоминание: {{ activity.subject }}',
        'Здравствуйте, {{ reader.name }}!',
        'Вы просили напомнить: {{ activity.subject }}{% if activity.dueAt %} — {{ activity.dueAt | date: "time" }}{% endif %}.',
        '{% if activity.text %}{{ activity.text }}{% endif %}',
      ),
      en: ru(
        'Reminder: {{ activity.subject }}',
        'Hello {{ reader.name }},',
        'you asked to be reminded: {{ activity.subject }}{% if activity.dueAt %}, {{ activity.dueAt | date: "time" }}{% endif %}.',
        '{% if activity.text %}{{ activity.text }}{% endif %}',
      ),
    },
  },
  'deal-won': {
    name: 'Deal won',
    body: {
      ru: ru(
        'Сделка выиграна: {{ deal.name }}',
        'Здравствуйте, {{ reader.name }}!',
        'Сделка «{{ deal.name }}» на {{ deal.amount | money }} выиграна. Продавец: {{ seller.name }}. Создан черновик заказа {{ order.id }}.',
      ),
      en: ru(
        'Deal won: {{ deal.name }}',
        'Hello {{ reader.name }},',
        'The deal “{{ deal.name }}” for {{ deal.amount | money }} is won by {{ seller.name }}. Draft order {{ order.id }} is made.',
      ),
    },
  },
  'channel-silent': {
    name: 'Channel silent',
    body: {
      ru: ru(
        'Канал молчит: {{ channel.name }}',
        'Здравствуйте, {{ reader.name }}!',
        'Из канала «{{ channel.name }}» нет лидов уже {{ channel.silentHours }} ч: последний пришёл {{ channel.lastAt | date: "time" }}. Обычно перерыв не дольше {{ channel.usualHours }} ч.',
        'Проверьте форму, объявление или связь с источником. Об этом молчании мы больше не напомним.',
      ),
      en: ru(
        'A channel is silent: {{ channel.name }}',
        'Hello {{ reader.name }},',
        'the channel “{{ channel.name }}” has brought no leads for {{ channel.silentHours }} h: the last one came {{ channel.lastAt | date: "time" }}. Its gaps are usually no longer than {{ channel.usualHours }} h.',
        'Check the form, the advertisement or the connection. We will not remind you of this silence again.',
      ),
    },
  },
  'webhook-disabled': {
    name: 'Webhook disabled',
    body: {
      ru: ru(
        'Адрес больше не получает события: {{ webhook.description | default: webhook.url }}',
        'Здравствуйте, {{ reader.name }}!',
        '{% if webhook.gone %}Адрес {{ webhook.url }} ответил, что его больше нет (410).{% else %}Адрес {{ webhook.url }} не принимает сообщения уже три дня.{% endif %} С {{ webhook.since | date: "time" }} мы его не вызываем.',
        'Исправьте получателя, включите адрес снова и повторите события с этого момента.',
      ),
      en: ru(
        'An address is told of events no more: {{ webhook.description | default: webhook.url }}',
        'Hello {{ reader.name }},',
        '{% if webhook.gone %}{{ webhook.url }} answered that it is gone (410).{% else %}{{ webhook.url }} has taken no message for three days.{% endif %} Since {{ webhook.since | date: "time" }} we do not call it.',
        'Mend the receiver, enable the address again and replay the events since then.',
      ),
    },
  },
};
