import { users } from '#functions/auth/store.ts';
import { queueLetter } from '#functions/mail/queue.ts';
import { settings } from '#functions/settings/store.ts';
import { commit } from '#shared/command.ts';
import { listen, type Listener } from '#shared/listen.ts';
import { get, listWhole } from '#shared/table/read.ts';
import { epochOf } from '#shared/time.ts';
import { ChannelSilent } from './channel.ts';

/** A user list is read as a whole: there are no more people in a sales department. */
const EVERYBODY = { limit: 100 };
/** A letter and its event each: a transaction holds no more. */
const MAX_TOLD = 45;
const hours = (minutes: number): number => Math.round(minutes / 60);

export const reportListeners: readonly Listener[] = [
  /** Marketers and heads are told of a silent channel; the event's own id keeps each letter single. */
  listen(
    ChannelSilent,
    'reports.channel-silent',
    async ({ event, now }) => {
      const id = event.recordId.replace(/^channel\./, '');
      const channel = await get(settings, { kind: 'channel', id });
      const { items } = await listWhole(users, 'gsi2', {}, EVERYBODY);
      const told = items.filter(
        ({ active, roles }) => active && roles.some((role) => role === 'marketer' || role === 'head'),
      );
      const { lastAt, limitMinutes } = event.data;
      const silent = Math.round((epochOf(event.at) - epochOf(lastAt)) / 60_000);
      return commit(async (read) => {
        const letters = await Promise.all(
          told.slice(0, MAX_TOLD).map(({ id: userId, email, name, locale, zone }) =>
            queueLetter(read, {
              purpose: 'channel-silent',
              cause: event.id,
              recordId: event.recordId,
              storyId: undefined,
              to: { email, name, userId },
              locale,
              zone,
              template: 'channel-silent',
              values: {
                reader: { name },
                channel: {
                  id,
                  name: channel?.name ?? id,
                  lastAt,
                  silentHours: hours(silent),
                  usualHours: hours(limitMinutes),
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
    { once: false, loud: true },
  ),
];
