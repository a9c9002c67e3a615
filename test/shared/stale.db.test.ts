import { beforeAll, expect, it } from 'vitest';
import { commit, run } from '#shared/command.ts';
import type { Refusal } from '#shared/errors.ts';
import { stillAt } from '#shared/stale.ts';
import { aNote, context, NoteChanged, NoteMade, notes, noteWorks } from '#test/support/note.ts';
import { freshTable } from '#test/support/table.ts';

beforeAll(async () => {
  await freshTable();
});

/** A note of version 3 and its machine's part of version 2: what Anna and Boris did to it. */
async function changedTwice() {
  const note = aNote({ cost: 5, phone: '+7' });
  const [first, work] = [notes.create(note), noteWorks.create({ id: note.id, version: 1, count: 1 })];
  const doing = (what: Parameters<typeof commit>[0], name?: string) =>
    run(commit(what), context({ by: { kind: 'user', id: 'user_1', ...(name !== undefined && { name }) } }));
  await doing(async () => ({ writes: [first, work], events: [NoteMade.of(first, {})] }));
  const second = notes.save(note, { text: 'two', cost: 6 });
  await doing(async () => ({ writes: [second], events: [NoteChanged.of(second, {})] }), 'Anna');
  const counted = noteWorks.save({ id: note.id, version: 1, count: 1 }, { count: 2 });
  await doing(async () => ({ writes: [counted], events: [NoteChanged.of(counted, {})] }));
  const third = notes.save(second.item, { phone: '+8' });
  await doing(async () => ({ writes: [third], events: [NoteChanged.of(third, {})] }));
  return note.id;
}
const refusal = async (id: string, yours: number) => {
  const error = await stillAt(id, 3, yours).then(
    () => undefined,
    (thrown: unknown) => thrown as Refusal,
  );
  const { changes, ...more } = error?.more ?? {};
  return { code: error?.code, status: error?.status, values: error?.values, changes: changes as unknown[], ...more };
};

it('lets the present version through, reading nothing', async () => {
  await expect(stillAt('whatever', 3, 3)).resolves.toBeUndefined();
});

it('tells who is behind what was changed since, by whom, without guarded and personal values', async () => {
  const id = await changedTwice();
  expect(await refusal(id, 1)).toMatchObject({
    code: 'stale',
    status: 412,
    values: { current: 3, yours: 1 },
    current: 3,
    changes: [
      {
        type: 'note.changed',
        at: '2026-11-23T10:00:00.000Z',
        by: 'Anna',
        fields: [{ field: 'text', from: 'one', to: 'two' }, { field: 'cost' }],
      },
      { type: 'note.changed', by: 'user_1', fields: [{ field: 'phone', personal: true }] },
    ],
  });
});

it('leaves out what was changed before, and what the machine did', async () => {
  const id = await changedTwice();
  expect((await refusal(id, 2)).changes).toHaveLength(1);
});

it('tells who does not say a version everything', async () => {
  const id = await changedTwice();
  const { values, changes } = await refusal(id, Number.NaN);
  expect(values).toMatchObject({ yours: '?' });
  expect(changes).toHaveLength(3);
});

it('has nothing to tell who is ahead', async () => {
  const id = await changedTwice();
  expect(await refusal(id, 9)).toMatchObject({ code: 'stale', changes: [] });
});
