import * as z from 'zod';
import type { Context } from '#shared/command.ts';
import { eventType } from '#shared/events.ts';
import { guarded, personal } from '#shared/fields.ts';
import { newId } from '#shared/id.ts';
import { entity } from '#shared/table/entity.ts';
import { systemNow } from '#shared/time.ts';

/**
 * A record of no business, to show what the kernel does with any: it lies where leads lie, and has one field of each kind
 * the kernel knows.
 */
export const Note = z.object({
  id: z.string(),
  version: z.int(),
  storyId: z.string().optional(),
  personId: z.string().optional(),
  text: z.string(),
  phone: z.string().optional().meta(personal),
  cost: z.int().optional().meta(guarded('cost')),
  parts: z.array(z.object({ name: z.string(), cost: z.int().optional().meta(guarded('cost')) })).default([]),
});
export type Note = z.output<typeof Note>;
export const notes = entity('lead', Note, { part: 'R' });

const NoteWork = z.object({ id: z.string(), version: z.int(), count: z.int() });
export const noteWorks = entity('leadWork', NoteWork, { part: 'W' });

export const NoteMade = eventType('note.made', {});
export const NoteChanged = eventType('note.changed', { why: z.string().optional() });

export const freshId = (): string => newId('lead', systemNow());
export const aNote = (change: Partial<Note> = {}): Note => ({
  id: freshId(),
  version: 1,
  text: 'one',
  parts: [],
  ...change,
});

export const NOW = '2026-11-23T10:00:00.000Z';
/** Somebody runs a command, who may try for ten seconds. */
export const context = (change: Partial<Context> = {}): Context => ({
  now: NOW,
  by: { kind: 'user', id: 'user_1', name: 'Anna' },
  requestId: 'request-1',
  deadline: systemNow() + 10_000,
  ...change,
});
