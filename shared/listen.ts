import type * as z from 'zod';
import { Command, run } from '#shared/command.ts';
import { Event, type EventType } from '#shared/events.ts';
import { newId } from '#shared/id.ts';
import { log, logFor } from '#shared/log.ts';
import { epochOf, instantOf, systemNow } from '#shared/time.ts';

export type Heard<D> = { event: Omit<Event, 'data'> & { data: D }; now: string; newId(prefix: string): string };

export type Listener = {
  /** Names the consumer in idempotency rows: never change it. */
  name: string;
  type: string;
  once: boolean;
  loud: boolean;
  hear(heard: Heard<never>): Promise<Command | void>;
};

type Options = {
  /** Off where the command itself moves a state that a second delivery finds moved: it saves a row. */
  once?: boolean;
  /** What it does is noticed outside (a letter, a route): it is left out for quiet events. */
  loud?: boolean;
};

/**
 * What a domain does when an event happened. It may be called twice, late and in any order.
 * A returned command runs once per event and consumer; anything else it does must be safe to repeat.
 */
export const listen = <D extends z.ZodType>(
  type: EventType<D>,
  name: string,
  hear: (heard: Heard<z.output<D>>) => Promise<Command | void>,
  { once = true, loud = false }: Options = {},
): Listener => ({
  name,
  type: type.name,
  once,
  loud,
  hear: (heard) => hear({ ...heard, event: { ...heard.event, data: type.data.parse(heard.event.data) } }),
});

type BusEvent = { detail: unknown };
type Context = { getRemainingTimeInMillis(): number };

/** The handler of `events`: runs every listener of the event; one that fails makes the delivery be repeated. */
export function hears(listeners: readonly Listener[], before: () => Promise<void> = async () => {}) {
  return async ({ detail }: BusEvent, context: Context): Promise<void> => {
    const event = Event.parse(detail);
    logFor(event.requestId);
    await before();
    const failures: unknown[] = [];
    for (const listener of listeners.filter(({ type, loud }) => type === event.type && !(loud && event.quiet))) {
      try {
        await heardBy(listener, event, context);
      } catch (error) {
        log().error(`listener ${listener.name} failed`, { error: error as Error, event: event.id });
        failures.push(error);
      }
    }
    if (failures.length > 0)
      throw new AggregateError(
        failures,
        `${failures.length} listeners of ${event.type} failed: ${String(failures[0])}`,
      );
  };
}

async function heardBy(listener: Listener, event: Event, context: Context): Promise<void> {
  const now = instantOf(systemNow());
  const command = await listener.hear({ event: event as never, now, newId: (prefix) => newId(prefix, epochOf(now)) });
  if (!(command instanceof Command)) return;
  await run(command, {
    now,
    by: { kind: 'system', id: listener.name },
    requestId: event.requestId,
    deadline: systemNow() + context.getRemainingTimeInMillis() - 1500,
    cause: { id: event.id, depth: event.depth },
    quiet: event.quiet,
    once: listener.once
      ? { principal: `listener:${listener.name}`, key: event.id, hash: event.type, days: 30 }
      : undefined,
  });
}
