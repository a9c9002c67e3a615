import * as z from 'zod';
import { entity } from '#shared/table/entity.ts';
import type { Write } from '#shared/table/write.ts';

/** Who did it: a person, the system, a rule set up by people, the holder of a link, or anybody at a public door. */
export const Actor = z.object({
  kind: z.enum(['user', 'system', 'robot', 'link', 'public']),
  id: z.string(),
  name: z.string().optional(),
  /** The key by which another system acted in his name. */
  key: z.object({ id: z.string(), name: z.string() }).optional(),
});
export type Actor = z.output<typeof Actor>;

export const RecordRef = z.object({ entity: z.string(), id: z.string(), part: z.enum(['R', 'W']), version: z.int() });
export type RecordRef = z.output<typeof RecordRef>;

/** `from` and `to` in wire form; a personal field is only named: its old value lies in a `was` item of the person. */
export const Change = z.object({
  field: z.string(),
  from: z.unknown().optional(),
  to: z.unknown().optional(),
  personal: z.literal(true).optional(),
});
export type Change = z.output<typeof Change>;

/** What happened to a record, written in the transaction that made it happen. Never changed, never deleted but by erasure. */
export const Event = z.object({
  id: z.string(),
  type: z.string(),
  /** Where it lies among the events of its record: part, version and ordinal within the command. */
  place: z.string(),
  recordId: z.string(),
  at: z.string(),
  /** Order among the events of one command. */
  position: z.string(),
  record: RecordRef,
  /** Other records changed by the same command that have no event of their own in it. */
  touched: z.array(RecordRef).default([]),
  storyId: z.string().optional(),
  by: Actor,
  data: z.record(z.string(), z.unknown()),
  changes: z.array(Change).default([]),
  /** The event that led to this one, and how long the chain is by now. */
  cause: z.string().optional(),
  depth: z.int().default(0),
  /** Told by an import that may not set anything in motion: listeners that write letters or start routes leave it alone. */
  quiet: z.literal(true).optional(),
  /** The operation of the API by which somebody did it. */
  via: z.string().optional(),
  requestId: z.string(),
});
export type Event = z.output<typeof Event>;

/** Entity type in the table is `event`; the event's own type travels as `kind` there, because `type` names the entity. */
const EventItem = z.object({ ...Event.omit({ type: true }).shape, kind: z.string() });
export const events = entity('event', EventItem, { recordId: (item) => item.recordId });
export const asEvent = ({ kind, ...item }: z.output<typeof EventItem>): Event => ({ ...item, type: kind });

/** Old personal values of one change, kept with the person so that erasing him erases them. */
export const was = entity(
  'was',
  z.object({
    personId: z.string(),
    eventId: z.string(),
    recordId: z.string(),
    values: z.record(z.string(), z.unknown()),
  }),
);

/** A chain of causes longer than this is a loop: it stops and is shown. */
export const MAX_DEPTH = 16;

export type NewEvent = { type: string; write: Write; data: Record<string, unknown>; storyId?: string | undefined };

export type EventType<D extends z.ZodType = z.ZodType> = {
  name: string;
  data: D;
  /** The event about the record that `write` creates or changes. */
  of(write: Write, data: z.output<D>): NewEvent;
};

const catalogue = new Set<string>();
/** Every type of event that the loaded code may tell. */
export const eventTypes = (): ReadonlySet<string> => catalogue;

/** One row of the catalogue: the name (noun.past) and what the event carries besides record, actor and changes. No personal data. */
export const eventType = <S extends z.ZodRawShape>(name: string, shape: S): EventType<z.ZodObject<S>> => {
  const data = z.object(shape);
  catalogue.add(name);
  return {
    name,
    data,
    of: (write, values) => ({ type: name, write, data: z.encode(data, values) }),
  };
};
