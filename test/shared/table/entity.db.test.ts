import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { commit, run } from '#shared/command.ts';
import { table, tableName } from '#shared/table/client.ts';
import { entity } from '#shared/table/entity.ts';
import { get, need } from '#shared/table/read.ts';
import { transact } from '#shared/table/transact.ts';
import { putItem } from '#shared/table/write.ts';
import { freshTable } from '#test/support/table.ts';
import { aNote, context, Note, NoteChanged, notes } from '#test/support/note.ts';

beforeAll(async () => {
  await freshTable();
});

const raw = async (id: string) =>
  (await table().send(new GetCommand({ TableName: tableName(), Key: notes.key({ id }), ConsistentRead: true }))).Item;
const put = (item: ReturnType<typeof aNote>) => transact([putItem(notes.create(item).put)]);

describe('an item', () => {
  it('lies under its key with the name of its kind, without what is undefined', async () => {
    const note = aNote({ storyId: 'story_1', personId: undefined });
    expect(await put(note)).toBe('done');
    const { id } = note;
    expect(await raw(id)).toEqual({
      pk: `LEAD#${id}`,
      sk: 'LEAD',
      type: 'lead',
      id,
      version: 1,
      storyId: 'story_1',
      text: 'one',
      parts: [],
    });
    expect(await get(notes, { id })).toEqual({ id, version: 1, storyId: 'story_1', text: 'one', parts: [] });
  });

  it('is not made twice', async () => {
    const note = aNote();
    await put(note);
    expect(await put({ ...note, text: 'two' })).toEqual({ failed: [0], conflicts: [] });
    expect((await need(notes, { id: note.id })).text).toBe('one');
  });

  it('is not saved over a version that somebody else saved', async () => {
    const note = aNote();
    await put(note);
    expect(await transact([putItem(notes.save(note, { text: 'two' }).put)])).toBe('done');
    expect(await transact([putItem(notes.save(note, { text: 'three' }).put)])).toMatchObject({ failed: [0] });
    expect(await need(notes, { id: note.id })).toMatchObject({ version: 2, text: 'two' });
  });

  it('is saved on a further condition only while that holds', async () => {
    const note = aNote({ phone: '+7' });
    await put(note);
    const on = (phone: string) => ({
      ConditionExpression: '#phone = :phone OR #phone = :none',
      ExpressionAttributeNames: { '#phone': 'phone' },
      ExpressionAttributeValues: { ':phone': phone, ':none': '-' },
    });
    expect(await transact([putItem(notes.save(note, { text: 'two' }, on('+8')).put)])).toMatchObject({ failed: [0] });
    expect(await transact([putItem(notes.save({ ...note, version: 7 }, {}, on('+7')).put)])).toMatchObject({
      failed: [0],
    });
    expect(await transact([putItem(notes.save(note, { text: 'two' }, on('+7')).put)])).toBe('done');
  });

  it('loses a field that is set to nothing', async () => {
    const note = aNote({ phone: '+7' });
    await put(note);
    await transact([putItem(notes.save(note, { phone: undefined }).put)]);
    expect(Object.keys((await raw(note.id)) ?? {})).not.toContain('phone');
  });
});

describe('an item that newer code wrote', () => {
  const Newer = z.object({
    ...Note.shape,
    colour: z.string(),
    parts: z.array(z.object({ name: z.string(), weight: z.object({ value: z.int(), unit: z.string() }) })),
    tags: z.record(z.string(), z.object({ by: z.string() })),
  });
  const newer = entity('lead', Newer, { part: 'R' });

  it('keeps what old code does not know through a save by old code, at every depth', async () => {
    const item = {
      ...aNote(),
      colour: 'red',
      parts: [{ name: 'a', weight: { value: 5, unit: 'kg' } }],
      tags: { urgent: { by: 'user_1' } },
    };
    await transact([putItem(newer.create(item).put)]);
    const { id } = item;
    await run(
      commit(async (read) => {
        const write = notes.save(await read.need(notes, { id }), { text: 'by old code' });
        return { writes: [write], events: [NoteChanged.of(write, {})] };
      }),
      context(),
    );
    expect(await need(newer, { id })).toEqual({ ...item, version: 2, text: 'by old code' });
  });

  it('keeps them also where old code rewrites the list they lie in from what it read', async () => {
    const item = { ...aNote(), colour: 'red', parts: [{ name: 'a', weight: { value: 5, unit: 'kg' } }], tags: {} };
    await transact([putItem(newer.create(item).put)]);
    const read = await need(notes, { id: item.id });
    const parts = read.parts.map((part) => ({ ...part, name: 'b' }));
    await transact([putItem(notes.save(read, { parts }).put)]);
    expect((await need(newer, { id: item.id })).parts).toEqual([{ name: 'b', weight: { value: 5, unit: 'kg' } }]);
  });
});

describe('an item that older code wrote', () => {
  it('gets defaults for what was added since', async () => {
    const { id } = aNote();
    const Item = { ...notes.key({ id }), type: 'lead', id, version: 3, text: 'old' };
    await table().send(new PutCommand({ TableName: tableName(), Item }));
    expect(await need(notes, { id })).toEqual({ id, version: 3, text: 'old', parts: [] });
  });

  it('is refused with the field where it lacks what cannot be missing', async () => {
    const { id } = aNote();
    await table().send(new PutCommand({ TableName: tableName(), Item: { ...notes.key({ id }), id, version: 3 } }));
    await expect(need(notes, { id })).rejects.toThrow('text');
  });
});
