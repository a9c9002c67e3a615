import { checkedCustom } from '#functions/settings/custom.ts';
import { refuse, type Fault } from '#shared/errors.ts';
import { newsOf, type Edited, type Editing, type RecordKind } from '#shared/record-kind.ts';
import type { Read } from '#shared/table/read.ts';
import { claimed, type Address } from './claim.ts';
import { NewPerson, Person, PersonChange, PersonChanged, PersonCreated } from './person.ts';
import { activeOwner, ownerOf } from './record.ts';
import { people } from './store.ts';
import { mustBeWhole } from './survivor.ts';

/** The numbering plans of the world are a fifth of the function's weight: loaded when a number is typed. */
export async function phonesOf(typed: readonly string[], pointer = '/body/phones'): Promise<string[]> {
  if (typed.length === 0) return [];
  const { normalisePhone } = await import('#shared/phone.ts');
  const read = typed.map((text) => normalisePhone(text));
  const faults = read.flatMap((phone, place): Fault[] =>
    phone === undefined
      ? [
          {
            pointer: `${pointer}/${place}`,
            code: 'invalid_format',
            detail: `${typed[place] ?? ''} is no phone number.`,
          },
        ]
      : [],
  );
  if (faults.length > 0) throw refuse('invalid', {}, faults);
  return [...new Set(read.filter((phone) => phone !== undefined))];
}

/** Every address of a person, as identities name them. */
const addressesOf = ({ emails, phones }: Pick<Person, 'emails' | 'phones'>): Address[] => [
  ...emails.map((value) => ({ kind: 'email' as const, value })),
  ...phones.map((value) => ({ kind: 'phone' as const, value })),
];

/** Without what stays with somebody else. */
function own({ emails, phones }: Pick<Person, 'emails' | 'phones'>, theirs: readonly Address[]) {
  const isOwn = (kind: Address['kind']) => (value: string) =>
    !theirs.some((one) => one.kind === kind && one.value === value);
  return { emails: emails.filter(isOwn('email')), phones: phones.filter(isOwn('phone')) };
}

async function create(read: Read, { custom, ...input }: NewPerson, editing: Editing): Promise<Edited> {
  const { now, newId, taken = 'refuse' } = editing;
  const { name, ownerId, locale = 'ru' } = input;
  const addresses = { emails: [...new Set(input.emails)], phones: await phonesOf(input.phones ?? []) };
  if (name === undefined && addresses.emails.length + addresses.phones.length === 0) {
    const detail = 'Give a name, an e-mail or a phone: something to know the person by.';
    throw refuse('invalid', {}, [{ pointer: '/body', code: 'required', detail }]);
  }
  await activeOwner(read, ownerId);
  const id = newId('person');
  const claim = await claimed(read, { owner: id, before: [], after: addressesOf(addresses), now, taken });
  const write = people.create({
    id,
    version: 1,
    storyId: newId('story'),
    name,
    ...own(addresses, claim.theirs),
    locale,
    ownerId,
    custom: await checkedCustom('person', custom ?? {}, undefined),
    createdAt: now,
  });
  return {
    writes: [write, ...claim.writes],
    events: [PersonCreated.of(write, {}), ...claim.events],
    answer: write,
    status: 201,
  };
}

async function change(
  read: Read,
  before: Person,
  input: PersonChange,
  { now, taken = 'refuse' }: Editing,
): Promise<Edited> {
  mustBeWhole('The person', before);
  if (before.erasureId !== undefined)
    throw refuse('wrong_state', { what: 'The person', state: 'erased', why: `see ${before.erasureId}` });
  await activeOwner(read, input.ownerId);
  const custom = input.custom && { custom: (await checkedCustom('person', input.custom, before.custom ?? {})) ?? null };
  const given = {
    ...input,
    ...custom,
    ...(input.emails && { emails: [...new Set(input.emails)] }),
    ...(input.phones && { phones: await phonesOf(input.phones) }),
  };
  const news = newsOf(before, given, now);
  if (!news) return { answer: people.asIs(before) };
  const changed = { ...before, ...news };
  const claim = await claimed(read, {
    owner: before.id,
    before: addressesOf(before),
    after: addressesOf(changed),
    now,
    taken,
  });
  const write = people.save(before, { ...news, ...own(changed, claim.theirs) });
  return {
    writes: [write, ...claim.writes],
    removes: claim.removes,
    events: [PersonChanged.of(write, {}), ...claim.events],
    answer: write,
  };
}

export const personRecord: RecordKind<Person, NewPerson, PersonChange> = {
  kind: 'person',
  right: 'client.change',
  New: NewPerson,
  Change: PersonChange,
  create,
  change,
  get: (read, id) => read.get(people, { id }),
  matches: ['email', 'phone'],
  async find(read, field, value) {
    if (field === 'email') return ownerOf(read, { kind: 'email', value });
    const [phone] = await phonesOf([value], '/body/phone').catch(() => []);
    return phone === undefined ? undefined : ownerOf(read, { kind: 'phone', value: phone });
  },
};
