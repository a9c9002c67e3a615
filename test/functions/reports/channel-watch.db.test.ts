import { beforeAll, expect, it } from 'vitest';
import type { Silence } from '#functions/reports/channel.ts';
import { channelWatches, noticed } from '#functions/reports/channel-store.ts';
import { commit, run } from '#shared/command.ts';
import { events } from '#shared/events.ts';
import { get, list } from '#shared/table/read.ts';
import { context } from '#test/support/note.ts';
import { freshTable } from '#test/support/table.ts';

beforeAll(async () => {
  await freshTable();
});

const at = (hour: number): string => `2026-11-23T${String(hour).padStart(2, '0')}:00:00.000Z`;
const usual = { gaps: 9, median: 60, p90: 60, limit: 90 };
const silent = (hour: number): Silence => ({ lastAt: at(hour), silentMinutes: 100, usual, silent: true });
const heard = (hour: number): Silence => ({ lastAt: at(hour), silentMinutes: 5, usual, silent: false });
const notice = async (id: string, ...all: Silence[]): Promise<void> => {
  await Promise.all(
    all.map((silence) =>
      run(
        commit((read) => noticed(read, id, silence)),
        context(),
      ),
    ),
  );
};
const told = async (id: string): Promise<string[]> =>
  (await list(events, 'item', { recordId: `channel.${id}` }, { consistent: true })).items.map(({ kind }) => kind);

it('R2: five that look at once tell of a silence once, and again only after a later lead', async () => {
  await notice('a', ...Array.from({ length: 5 }, () => silent(8)));
  await notice('a', silent(8));
  expect(await told('a')).toEqual(['channel.silent']);
  await notice('a', heard(12), heard(12));
  expect(await told('a')).toEqual(['channel.silent', 'channel.heard']);
  await notice('a', silent(12), silent(12));
  expect(await told('a')).toEqual(['channel.silent', 'channel.heard', 'channel.silent']);
});

it('R2: a lead that came and was followed by another silence between two looks is a silence of its own', async () => {
  await notice('b', silent(8));
  await notice('b', silent(12));
  expect(await told('b')).toEqual(['channel.silent', 'channel.silent']);
});

it('R2: whoever looks at an older copy changes nothing, and a channel that is heard as ever is not written', async () => {
  await notice('c', heard(8));
  await notice('c', { silent: false });
  expect(await get(channelWatches, { id: 'c' })).toBeUndefined();
  await notice('c', silent(12));
  await notice('c', silent(8), heard(8));
  expect([await told('c'), (await get(channelWatches, { id: 'c' }))?.lastAt]).toEqual([['channel.silent'], at(12)]);
});
