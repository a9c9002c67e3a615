import type { Item, World } from '#test/support/world/world.ts';

const ROUNDS = 8;
const MINUTE = 60_000;

/**
 * Lets time pass until nothing is left to do: retries of Lambda and of workflows come by themselves, and each schedule is
 * asked where it has something to find. Answers the table.
 */
export async function healed(world: World): Promise<Item[]> {
  for (let round = 1; ; round += 1) {
    await world.pass(10);
    const items = await world.items();
    const waits = items.some(({ type, gsi3pk }) => type === 'letter' && gsi3pk !== undefined);
    const fed = new Set(items.filter(({ type }) => type === 'marker').map(({ eventId }) => eventId));
    const unfed = items.some(({ type, id }) => type === 'event' && !fed.has(id));
    const lost = world.services.failures.size > 0;
    if (round > ROUNDS || !(waits || unfed || lost)) return items;
    world.clock.moveTo(world.clock.now() + 11 * MINUTE);
    if (waits) await world.onSchedule('letters', { sweep: true });
    if (lost) await world.onSchedule('schedule', { sweep: 'failures' });
    if (unfed) await world.onSchedule('schedule', { sweep: 'feed' });
  }
}
