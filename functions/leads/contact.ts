import { enriched } from '#functions/clients/person.ts';
import type { Person } from '#functions/clients/person.ts';
import { personRecord } from '#functions/clients/person-record.ts';
import { people } from '#functions/clients/store.ts';
import { survivorOf } from '#functions/clients/survivor.ts';
import type { Edited, Editing } from '#shared/record-kind.ts';
import type { Read } from '#shared/table/read.ts';
import type { Lead } from './lead.ts';

/**
 * What else changes when the name, e-mail or phone of a lead does: its person learns what is new of him. An address of
 * somebody else stays his, and the two are proposed as doubles.
 */
export async function learning(
  read: Read,
  lead: Lead,
  { email, phone, name }: Partial<Lead>,
  editing: Editing,
): Promise<{ person: Person | undefined; learnt: Partial<Edited> }> {
  const person = await survivorOf<Person>(read, people, lead.personId);
  const news = person?.erasedAt === undefined ? person && enriched(person, { email, phone, name }) : undefined;
  if (!person || !news) return { person, learnt: {} };
  return { person, learnt: await personRecord.change(read, person, news, { ...editing, taken: 'propose' }) };
}
