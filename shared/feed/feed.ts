import { createHash } from 'node:crypto';
import * as z from 'zod';
import { Event } from '#shared/events.ts';
import { entity } from '#shared/table/entity.ts';

export const LANES = 4;
/** A feed row, its marker and its share of the head: 49 × 2 + 1 items fill one transaction of 100. */
export const CHUNK = 49;

const { type: _, ...eventFields } = Event.shape;
/** One place in the ordered log of everything: the event, and where it stands. Dense within its lane. */
const FeedRow = z.object({
  ...eventFields,
  kind: z.string(),
  lane: z.string(),
  month: z.string(),
  seq: z.string(),
});
export const feed = entity('feed', FeedRow);

/** The last place of a lane; `months` tells with which place each month began. */
export const feedHead = entity(
  'feedHead',
  z.object({ lane: z.string(), seq: z.int(), month: z.string(), months: z.record(z.string(), z.int()) }),
);

/** Where an event lies in the feed; also what keeps it from lying there twice. */
export const marker = entity(
  'marker',
  z.object({ eventId: z.string(), lane: z.string(), month: z.string(), seq: z.string() }),
);

/** All events of one record are in one lane, so they are in order. */
export const laneOf = (recordId: string): string =>
  String((createHash('sha256').update(recordId).digest()[0] ?? 0) % LANES);

export const seqText = (seq: number): string => String(seq).padStart(12, '0');
