import { letterId, shardOf, type Letter } from '#functions/mail/letter.ts';
import { letters } from '#functions/mail/store.ts';
import { transact } from '#shared/table/transact.ts';
import { putItem } from '#shared/table/write.ts';
import { freshId, NOW } from './note.ts';

/** A letter that waits in the outbox since NOW, to an address of its own. */
export async function queuedLetter(change: Partial<Letter> = {}): Promise<Letter> {
  const cause = freshId();
  const email = `${cause.toLowerCase()}@x.example`;
  const id = letterId('welcome', cause, email);
  const letter: Letter = {
    id,
    version: 1,
    purpose: 'welcome',
    cause,
    recordId: cause,
    to: { email, name: 'Анна' },
    locale: 'ru',
    template: 'welcome',
    subject: 'Здравствуйте',
    html: '<p>Здравствуйте</p>',
    text: 'Здравствуйте',
    state: 'queued',
    priority: '0',
    shard: shardOf(id),
    dueAt: NOW,
    attempts: 0,
    queuedAt: NOW,
    requestId: 'request-1',
    ...change,
  };
  const result = await transact([putItem(letters.create(letter).put)]);
  if (result !== 'done') throw new Error('The letter is there already.');
  return letter;
}
