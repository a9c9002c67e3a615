import { teams, users } from '#functions/auth/store.ts';
import { deals } from '#functions/deals/store.ts';
import { queueLetter, type Queued } from '#functions/mail/queue.ts';
import { fieldSetInForce } from '#functions/settings/custom.ts';
import { customForLetter } from '#functions/settings/field-text.ts';
import { commit } from '#shared/command.ts';
import { listen } from '#shared/listen.ts';
import { get, getMany, need } from '#shared/table/read.ts';
import { DealWon } from './order.ts';

export const orderListeners = [
  /** A won deal is told to its seller and to the head of his team; each letter's own hash keeps it single. */
  listen(
    DealWon,
    'orders.tell-won',
    async ({ event, now }) => {
      const deal = await need(deals, { id: event.recordId });
      const seller = await get(users, { id: deal.ownerId });
      const team = seller?.teamId === undefined ? undefined : await get(teams, { id: seller.teamId });
      const ids = [...new Set([deal.ownerId, team?.headId])].filter((id): id is string => id !== undefined);
      const told = await getMany(
        users,
        ids.map((id) => ({ id })),
      );
      const fields = await fieldSetInForce('deal');
      return commit(async (read) => {
        const letters: Queued[] = [];
        for (const user of told) {
          letters.push(
            await queueLetter(read, {
              purpose: 'deal-won',
              cause: deal.id,
              recordId: deal.id,
              storyId: deal.storyId,
              to: { email: user.email, name: user.name, userId: user.id },
              locale: user.locale,
              zone: user.zone,
              template: 'deal-won',
              values: {
                reader: { name: user.name },
                deal: {
                  name: deal.name,
                  amount: deal.amount,
                  custom: customForLetter(fields, deal.custom, user.locale),
                },
                seller: { name: seller?.name },
                order: { id: event.data.orderId },
              },
              now,
              requestId: event.requestId,
            }),
          );
        }
        const writes = letters.flatMap((letter) => letter.writes);
        return writes.length > 0 ? { writes, events: letters.flatMap((letter) => letter.events) } : undefined;
      });
    },
    { once: false },
  ),
];
