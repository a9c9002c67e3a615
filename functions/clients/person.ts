import * as z from 'zod';
import { Email } from '#shared/email.ts';
import { eventType } from '#shared/events.ts';
import { personal } from '#shared/fields.ts';
import { Id } from '#shared/id.ts';
import { changeFields, CustomValues, recordFields, removable } from '#shared/record-kind.ts';
import { Line, Name } from '#shared/text.ts';
import { mergeable } from './client.ts';

/** Nobody has more; a form that is abused must not make a person too large to be stored. */
const MAX_ADDRESSES = 30;

/** A human, one record however many clients he stands for. */
export const Person = z.object({
  id: Id('person'),
  version: z.int(),
  storyId: z.string(),
  name: z.string().optional().meta(personal),
  emails: z.array(z.string()).meta(personal),
  phones: z.array(z.string()).meta(personal),
  locale: z.enum(['ru', 'en']),
  ownerId: Id('user').optional(),
  createdAt: z.string(),
  /** His data is being erased at his wish; when it was done nobody finds him any more. */
  erasureId: z.string().optional(),
  erasedAt: z.string().optional(),
  ...mergeable('person'),
  ...recordFields,
});
export type Person = z.output<typeof Person>;

const Emails = z.array(Email).max(MAX_ADDRESSES);
/** As people write them; kept in E.164. */
const Phones = z.array(Line(60)).max(MAX_ADDRESSES);
const Locale = z.enum(['ru', 'en']);

export const NewPerson = z.object({
  name: Name().optional(),
  emails: Emails.optional(),
  phones: Phones.optional(),
  locale: Locale.optional(),
  ownerId: Id('user').optional(),
  custom: CustomValues.optional(),
});
export type NewPerson = z.output<typeof NewPerson>;

export const PersonChange = z.object({
  name: removable(Name()),
  emails: Emails.optional(),
  phones: Phones.optional(),
  locale: Locale.optional(),
  ownerId: removable(Id('user')),
  ...changeFields,
});
export type PersonChange = z.output<typeof PersonChange>;

export const PersonCreated = eventType('person.created', {});
export const PersonChanged = eventType('person.changed', {});

/** How somebody can be reached, normalised: e-mail lower-cased with a punycode domain, phone in E.164. */
export type Contact = { name?: string | undefined; email?: string | undefined; phone?: string | undefined };

/** What a known person learns from a new contact; undefined when it is nothing. */
export function enriched(person: Person, { name, email, phone }: Contact): Partial<Person> | undefined {
  const change: Partial<Person> = {
    ...(name !== undefined && person.name === undefined && { name }),
    ...(email !== undefined &&
      !person.emails.includes(email) &&
      person.emails.length < MAX_ADDRESSES && { emails: [...person.emails, email] }),
    ...(phone !== undefined &&
      !person.phones.includes(phone) &&
      person.phones.length < MAX_ADDRESSES && { phones: [...person.phones, phone] }),
  };
  return Object.keys(change).length > 0 ? change : undefined;
}
