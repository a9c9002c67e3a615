/**
 * Every way in which a request is refused: status and what a person reads, in both languages. `{name}` is filled in.
 * A text with something to fill in has a Russian `title` besides; in English that is the code in words.
 * The list is closed: a client may rely on a code meaning the same for ever. Add, never change.
 */
export const problems = {
  invalid: { status: 400, en: 'Something in the request is not as described.', ru: 'В запросе есть ошибка.' },
  not_json: {
    status: 400,
    en: 'The body is not JSON: {why}',
    ru: 'Тело запроса не JSON: {why}',
    title: 'Тело запроса не JSON',
  },
  too_deep: {
    status: 400,
    en: 'The body is nested deeper than {max} levels.',
    ru: 'Вложенность тела больше {max} уровней.',
    title: 'Слишком большая вложенность',
  },
  too_many_values: {
    status: 400,
    en: 'The body holds too many values: at most {max}.',
    ru: 'В теле запроса слишком много значений: не больше {max}.',
    title: 'Слишком много значений',
  },
  cursor_invalid: {
    status: 400,
    en: 'The cursor does not belong to this list: begin again without it.',
    ru: 'Курсор не от этого списка: начните без него.',
  },
  unauthorized: { status: 401, en: 'Sign in first: {why}', ru: 'Сначала войдите: {why}', title: 'Сначала войдите' },
  signature_invalid: {
    status: 401,
    en: 'The signature does not match: {why}',
    ru: 'Подпись не подходит: {why}',
    title: 'Подпись не подходит',
  },
  forbidden: {
    status: 403,
    en: 'Your role may not do this: {right}.',
    ru: 'Вашей роли это не разрешено: {right}.',
    title: 'Не разрешено',
  },
  out_of_reach: {
    status: 403,
    en: 'You see the records of your team only, and {owner} is not in it.',
    ru: 'Вам видны записи только вашей команды, а {owner} не из неё.',
    title: 'Чужие записи не видны',
  },
  not_found: { status: 404, en: 'There is no {what} {id}.', ru: 'Не найдено: {what} {id}.', title: 'Не найдено' },
  no_route: {
    status: 404,
    en: 'There is nothing at {path}.',
    ru: 'По адресу {path} ничего нет.',
    title: 'Нет такого адреса',
  },
  conflict: {
    status: 409,
    en: 'Somebody changes the same record right now: try again.',
    ru: 'Эту запись сейчас меняет кто-то ещё: попробуйте снова.',
  },
  taken: {
    status: 409,
    en: '{what} {value} already belongs to {owner}.',
    ru: '{what} {value} уже принадлежит {owner}.',
    title: 'Значение занято',
  },
  wrong_state: {
    status: 409,
    en: '{what} is {state}: {why}',
    ru: '{what} в состоянии {state}: {why}',
    title: 'Не то состояние',
  },
  stage_unknown: {
    status: 409,
    en: 'This type of deal has no stage {stage}.',
    ru: 'У этого типа сделки нет стадии {stage}.',
    title: 'Нет такой стадии',
  },
  move_not_allowed: {
    status: 409,
    en: 'A deal may not move from {from} to {to}. Allowed: {allowed}.',
    ru: 'Со стадии {from} нельзя перейти на {to}. Можно: {allowed}.',
    title: 'Переход не разрешён',
  },
  fields_missing: {
    status: 409,
    en: 'Stage {stage} needs: {fields}.',
    ru: 'Для стадии {stage} нужны: {fields}.',
    title: 'Не хватает полей',
  },
  approval_needed: {
    status: 409,
    en: 'This needs an approval: {why}',
    ru: 'Нужно согласование: {why}',
    title: 'Нужно согласование',
  },
  approval_not_needed: {
    status: 409,
    en: 'No rule asks for an approval here.',
    ru: 'Согласование здесь не требуется.',
  },
  own_approval: { status: 409, en: 'Nobody approves his own request.', ru: 'Нельзя согласовать собственный запрос.' },
  no_approver: {
    status: 409,
    en: 'There is nobody who could approve this: add a head to the team or an admin.',
    ru: 'Некому согласовать: назначьте руководителя команды или администратора.',
  },
  already_decided: {
    status: 409,
    en: 'Decided already: {state} by {by} at {at}.',
    ru: 'Уже решено: {state}, {by}, {at}.',
    title: 'Уже решено',
  },
  currency_mixed: {
    status: 409,
    en: 'All lines of one document are in one currency: {currencies}.',
    ru: 'Все строки документа должны быть в одной валюте: {currencies}.',
    title: 'Разные валюты',
  },
  stale: {
    status: 412,
    en: 'It was changed in the meantime: version {current}, you have {yours}.',
    ru: 'Запись уже изменили: версия {current}, у вас {yours}.',
    title: 'Запись уже изменили',
  },
  too_large: {
    status: 413,
    en: 'The body is larger than {max} bytes.',
    ru: 'Тело запроса больше {max} байт.',
    title: 'Слишком большой запрос',
  },
  key_reused: {
    status: 422,
    en: 'This Idempotency-Key was used with another body.',
    ru: 'Этот Idempotency-Key уже использован с другим телом.',
  },
  too_many_rows: {
    status: 422,
    en: 'More than {max} records: narrow the filter (for {format}).',
    ru: 'Записей больше {max}: сузьте фильтр (для {format}).',
    title: 'Слишком много записей',
  },
  file_unreadable: {
    status: 422,
    en: 'The file cannot be read: {why}',
    ru: 'Файл не читается: {why}',
    title: 'Файл не читается',
  },
  rule_invalid: {
    status: 422,
    en: 'The rule does not hold: {why}',
    ru: 'Ошибка в правиле: {why}',
    title: 'Ошибка в правиле',
  },
  template_invalid: {
    status: 422,
    en: 'The template does not hold: {why}',
    ru: 'Ошибка в шаблоне: {why}',
    title: 'Ошибка в шаблоне',
  },
  if_match_missing: {
    status: 428,
    en: 'Say which version you change: send If-Match with the ETag you read.',
    ru: 'Укажите версию: пришлите If-Match с прочитанным ETag.',
  },
  too_many: {
    status: 429,
    en: 'Too many requests: try again in {seconds} s.',
    ru: 'Слишком много запросов: повторите через {seconds} с.',
    title: 'Слишком много запросов',
  },
  broken: {
    status: 500,
    en: 'Something broke on our side. Tell us the request id.',
    ru: 'Ошибка на нашей стороне. Сообщите номер запроса.',
  },
  copy_behind: {
    status: 503,
    en: 'The lists are being brought up to date: {left} changes to go. Try again in a moment.',
    ru: 'Списки догоняют изменения: осталось {left}. Повторите через минуту.',
    title: 'Списки догоняют изменения',
  },
  busy: { status: 503, en: 'The system is busy: try again.', ru: 'Система занята: попробуйте снова.' },
} as const satisfies Record<string, { status: number; en: string; ru: string; title?: string }>;

export type ProblemCode = keyof typeof problems;
