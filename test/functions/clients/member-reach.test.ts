import { describe, expect, it } from 'vitest';
import { clientTable, memberTable } from '#functions/clients/read.ts';
import { Copy } from '#shared/read/copy.ts';
import { listRows, today } from '#shared/read/list.ts';
import { searchAll } from '#shared/read/search.ts';
import { NOW, noCustom, viewer } from '#test/support/copy.ts';

describe('links of clients and people in the read copy', () => {
  const copy = new Copy(':memory:', [clientTable, memberTable]);
  for (const [client, ownerId] of [
    ['client_MINE', 'user_1'],
    ['client_THEIRS', 'user_2'],
    ['client_FREE', undefined],
  ] as const) {
    copy.put('clients', client, { id: client, name: client, ownerId }, NOW);
    copy.put('members', `${client}/person_1`, { clientId: client, personId: 'person_1', position: 'Director' }, NOW);
  }
  const mine = { ...viewer, reach: { owners: ['user_1'] } };
  const clientsOf = (who: typeof viewer): string[] =>
    listRows(copy, today(copy, 'members'), { limit: 9, totals: [] }, who, noCustom)
      .items.map(({ clientId }) => String(clientId))
      .toSorted();

  it('are within reach as their clients are, also in search', () => {
    expect(clientsOf(viewer)).toEqual(['client_FREE', 'client_MINE', 'client_THEIRS']);
    expect(clientsOf(mine)).toEqual(['client_FREE', 'client_MINE']);
    expect(searchAll(copy, 'director', 9, (list) => (list === 'members' ? mine : undefined))).toHaveLength(2);
  });
});
