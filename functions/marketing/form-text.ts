/** What a form itself says while it is filled in. The script gets the words of one language with the form. */
export const formTexts = {
  ru: {
    required: 'Заполните это поле',
    email: 'Проверьте адрес: например, name@example.ru',
    contact: 'Оставьте почту или телефон, чтобы мы могли ответить',
    sending: 'Отправляем…',
    failed: 'Не отправилось. Проверьте связь и попробуйте ещё раз: написанное сохранено.',
    another: 'Отправить ещё одну',
  },
  en: {
    required: 'Fill in this field',
    email: 'Check the address: for example, name@example.com',
    contact: 'Leave an e-mail or a phone so that we can answer',
    sending: 'Sending…',
    failed: 'It was not sent. Check the connection and try again: what you wrote is kept.',
    another: 'Send another',
  },
};
export type FormText = (typeof formTexts)['ru'];
