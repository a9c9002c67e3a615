import * as z from 'zod';
import { eventType } from '#shared/events.ts';
import { Id } from '#shared/id.ts';
import { Name } from '#shared/text.ts';

const Fields = z.array(z.string().max(100)).max(60);
/** What a list is asked for, as it is asked for in `GET /lists/{list}`. */
const ViewQuery = z.object({
  filter: z.string().max(4000).optional(),
  search: z.string().max(200).optional(),
  sort: z.string().max(80).optional(),
  fields: Fields.optional(),
  totals: Fields.optional(),
  archived: z.boolean().optional(),
});

/** A way of looking at a list that somebody keeps, for himself or for everybody. */
export const View = z.object({
  id: Id('view'),
  version: z.int(),
  list: z.string(),
  name: Name(),
  ownerId: Id('user'),
  shared: z.boolean(),
  query: ViewQuery,
  archivedAt: z.string().optional(),
  createdAt: z.string(),
  /** Under whom it is listed: its owner, or everybody; nobody once it is put away. */
  holder: z.string().optional(),
});
export type View = z.output<typeof View>;

export const EVERYBODYS = 'shared';
export const holderOf = ({ ownerId, shared, archivedAt }: Omit<View, 'holder'>): string | undefined =>
  archivedAt === undefined ? (shared ? EVERYBODYS : ownerId) : undefined;

export const NewView = z.object({
  list: z.string().max(40),
  name: Name(),
  shared: z.boolean().optional(),
  query: ViewQuery,
});
export const ViewChange = z.object({
  name: Name().optional(),
  shared: z.boolean().optional(),
  query: ViewQuery.optional(),
  archived: z.boolean().optional(),
});

export const ViewSaved = eventType('view.saved', { list: z.string(), shared: z.boolean() });
