import { identities, users } from '#functions/auth/store.ts';
import { checkedCustom } from '#functions/settings/custom.ts';
import { normaliseEmail } from '#shared/email.ts';
import { refuse } from '#shared/errors.ts';
import { newsOf, type Edited, type Editing, type RecordKind } from '#shared/record-kind.ts';
import type { Read } from '#shared/table/read.ts';
import { claimed, type Address } from './claim.ts';
import { Client, ClientChange, ClientChanged, ClientCreated, NewClient, taxIdKey } from './client.ts';
import { clients } from './store.ts';
import { mustBeWhole, survivorId } from './survivor.ts';

/** Somebody who works here now. @throws 404 otherwise */
export async function activeOwner(read: Read, id: string | null | undefined): Promise<void> {
  if (id === undefined || id === null) return;
  if (!(await read.get(users, { id }))?.active) throw refuse('not_found', { what: 'user', id });
}

/** The record that has an address, however it is written; the one it became if it was merged. */
export async function ownerOf(read: Read, { kind, value }: Address): Promise<string | undefined> {
  const known = kind === 'email' ? normaliseEmail(value) : kind === 'taxId' ? taxIdKey(value) : value;
  const found = known === undefined ? undefined : await read.get(identities, { kind, value: known });
  return found && survivorId(read, found.owner);
}

const addressesOf = ({ taxId, otherTaxIds = [] }: Pick<Client, 'taxId' | 'otherTaxIds'>): Address[] =>
  [...(taxId === undefined ? [] : [taxId]), ...otherTaxIds].map((value) => ({ kind: 'taxId', value }));

/** What is written for a new client that belongs to a story; its owner is the one who makes it unless another is said. */
export async function newClient(
  read: Read,
  { custom, ...input }: NewClient,
  { user, now, newId, taken = 'refuse' }: Editing,
  storyId: string,
): Promise<Edited> {
  const { ownerId = user.id } = input;
  await activeOwner(read, input.ownerId);
  const id = newId('client');
  const claim = await claimed(read, { owner: id, before: [], after: addressesOf(input), now, taken });
  const client: Client = {
    ...input,
    ...(claim.theirs.length > 0 && { taxId: undefined }),
    id,
    version: 1,
    storyId,
    ownerId,
    standing: 'prospect',
    custom: await checkedCustom('client', custom ?? {}, undefined, { type: input.kind }),
    createdAt: now,
  };
  const write = clients.create(client);
  return {
    writes: [write, ...claim.writes],
    events: [ClientCreated.of(write, { kind: client.kind }), ...claim.events],
    answer: write,
    status: 201,
  };
}

async function change(
  read: Read,
  before: Client,
  input: ClientChange,
  { now, taken = 'refuse' }: Editing,
): Promise<Edited> {
  mustBeWhole('The client', before);
  await activeOwner(read, input.ownerId);
  const custom = input.custom && {
    custom:
      (await checkedCustom('client', input.custom, before.custom ?? {}, { type: input.kind ?? before.kind })) ?? null,
  };
  const news = newsOf(before, { ...input, ...custom }, now);
  if (!news) return { answer: clients.asIs(before) };
  const addresses = { before: addressesOf(before), after: addressesOf({ ...before, ...news }) };
  const claim = await claimed(read, { owner: before.id, ...addresses, now, taken });
  const write = clients.save(before, { ...news, ...(claim.theirs.length > 0 && { taxId: before.taxId }) });
  return {
    writes: [write, ...claim.writes],
    removes: claim.removes,
    events: [ClientChanged.of(write, {}), ...claim.events],
    answer: write,
  };
}

export const clientRecord: RecordKind<Client, NewClient, ClientChange> = {
  kind: 'client',
  right: 'client.change',
  New: NewClient,
  Change: ClientChange,
  create: (read, input, editing) => newClient(read, input, editing, editing.newId('story')),
  change,
  get: (read, id) => read.get(clients, { id }),
  matches: ['taxId'],
  find: (read, _, value) => ownerOf(read, { kind: 'taxId', value }),
};
