import * as z from 'zod';
import { people } from '#functions/clients/store.ts';
import { route } from '#shared/http/route.ts';
import { storyEvents } from '#shared/story.ts';
import { firstContact, Touch, touchesIn } from './touch.ts';

/** Whoever was touched more often has been spoken with. */
const MAX_EVENTS = 1000;

export const touchRoutes = [
  route(
    'GET /people/{id}/touches',
    {
      summary:
        'What reached a person, and by what he reached us, before the first direct contact: visits before he was known too, the oldest first',
      rights: 'client.read',
      of: people,
      returns: z.object({ items: z.array(Touch), firstContactAt: z.string().optional() }),
    },
    async ({ record }) => {
      const { events } = await storyEvents(record.storyId, MAX_EVENTS);
      const firstContactAt = firstContact(events);
      return { items: await touchesIn(events), ...(firstContactAt !== undefined && { firstContactAt }) };
    },
  ),
];
