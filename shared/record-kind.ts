import * as z from 'zod';
import type { Decision } from '#shared/command.ts';
import { refuse } from '#shared/errors.ts';
import { sameJson } from '#shared/json.ts';
import type { EntityName } from '#shared/table/keys.ts';
import type { Read } from '#shared/table/read.ts';
import type { Write } from '#shared/table/write.ts';

/** Values of the firm's own fields, by field id, in wire form; the field set of the record's kind says what they mean. */
export const CustomValues = z.record(z.string(), z.unknown());
export type CustomValues = z.output<typeof CustomValues>;

/** What every record has that people keep: their own fields, and whether it was put away. Nothing is deleted. */
export const recordFields = {
  custom: CustomValues.optional().meta({ personal: true }),
  archivedAt: z.string().optional(),
} as const;

/** What any change of a record may say: values of own fields (null takes one away), putting away and taking back. */
export const changeFields = { custom: CustomValues.optional(), archived: z.boolean().optional() } as const;

/** A field of a change that may be absent from a record: null takes it away, so that an undo can bring nothing back too. */
export const removable = <S extends z.ZodType>(schema: S) => schema.nullable().optional();

/** What of a change is news to a record, as it is saved: null takes away, `archived` becomes when. Undefined when nothing is. */
export function newsOf<R extends { archivedAt?: string | undefined }>(
  before: R,
  change: Readonly<Record<string, unknown>>,
  now: string,
): Partial<R> | undefined {
  const { archived, ...fields } = change;
  const given = {
    ...Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)),
    ...(archived !== undefined && { archivedAt: archived ? (before.archivedAt ?? now) : undefined }),
  };
  const news = Object.entries(given)
    .map(([field, value]) => [field, value ?? undefined] as const)
    .filter(([field, value]) => !sameJson(value, before[field as keyof R]));
  return news.length > 0 ? (Object.fromEntries(news) as Partial<R>) : undefined;
}

/** Refuses what moves a record on while it is put away. */
export function notArchived(what: string, { archivedAt }: { archivedAt?: string | undefined }): void {
  if (archivedAt !== undefined) throw refuse('wrong_state', { what, state: 'archived', why: 'take it back first' });
}

/** On whose behalf a record is made or changed, and when. `routes` off: nothing is set in motion by it (an import may say so). */
export type Editing = {
  user: { id: string; teamId?: string | undefined };
  now: string;
  requestId: string;
  newId(prefix: string): string;
  /** What somebody else has already (an e-mail, a tax number): refused unless said, or left with him and proposed as a double. */
  taken?: 'refuse' | 'propose';
};

/** A decision that answers the record it is about. */
export type Edited = Decision & { answer: Write };

type Stored = { id: string; version: number };

/**
 * How records of one kind are made and changed, whoever asks: a person through the API, an import, a bulk action, an undo.
 * One place per kind, `functions/<domain>/record.ts`; the routes call the same functions.
 */
export type RecordKind<R extends Stored = never, I = never, C = never> = {
  kind: EntityName;
  /** The right that making and changing one needs, e.g. `lead.change`. */
  right: string;
  /** What a new one is made of, and what may be changed later (every field optional), as the API takes them. */
  New: z.ZodObject;
  Change: z.ZodObject;
  /** @throws Refusal when the input does not go together with what is stored */
  create(read: Read, input: I, editing: Editing): Promise<Edited>;
  /** Also puts away and takes back: `change({ archived: true })`. */
  change(read: Read, before: R, change: C, editing: Editing): Promise<Edited>;
  get(read: Read, id: string): Promise<R | undefined>;
  /** Fields by which a row of a file may be recognised as a record we have, e.g. email, phone, sku; besides `id` and external ids. */
  matches: readonly string[];
  /** The id of the record with this value of a `matches` field. */
  find(read: Read, field: string, value: string): Promise<string | undefined>;
};
/** Any kind, where kinds are looked up by name. */
export type AnyRecordKind = RecordKind<Stored>;
