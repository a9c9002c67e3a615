import { users } from '#functions/auth/store.ts';
import { queueLetter } from '#functions/mail/queue.ts';
import { commit } from '#shared/command.ts';
import { listen } from '#shared/listen.ts';
import { listWhole, need } from '#shared/table/read.ts';
import { WebhookDisabled } from './webhook.ts';
import { webhooks } from './webhook-store.ts';

/** A user list is read as a whole: there are no more people in a sales department. */
const EVERYBODY = { limit: 100 };

export const webhookListeners = [
  /** A webhook that was given up: whoever made it and the admins are told, for other systems miss what happens now. */
  listen(
    WebhookDisabled,
    'webhooks.disabled',
    async ({ event, now }) => {
      if (!event.data.byItself) return undefined;
      const webhook = await need(webhooks, { id: event.recordId });
      const { items } = await listWhole(users, 'gsi2', {}, EVERYBODY);
      const told = items.filter(
        ({ id, roles, active }) => active && (roles.includes('admin') || id === webhook.createdBy),
      );
      return commit(async (read) => {
        const letters = await Promise.all(
          told.map(({ id, email, name, locale, zone }) =>
            queueLetter(read, {
              purpose: 'webhook-disabled',
              cause: event.id,
              recordId: webhook.id,
              storyId: undefined,
              to: { email, name, userId: id },
              locale,
              zone,
              template: 'webhook-disabled',
              values: {
                reader: { name },
                webhook: {
                  description: webhook.description,
                  url: webhook.url,
                  since: event.at,
                  gone: event.data.why === 'gone',
                },
              },
              now,
              requestId: event.requestId,
            }),
          ),
        );
        const writes = letters.flatMap((letter) => letter.writes);
        return writes.length > 0 ? { writes, events: letters.flatMap((letter) => letter.events) } : undefined;
      });
    },
    { once: false },
  ),
];
