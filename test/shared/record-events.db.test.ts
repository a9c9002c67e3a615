import { beforeAll, describe, expect, it } from 'vitest';
import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import { commit, run, type Decision } from '#shared/command.ts';
import { asEvent, events, MAX_DEPTH } from '#shared/events.ts';
import { table, tableName } from '#shared/table/client.ts';
import { list } from '#shared/table/read.ts';
import { freshTable } from '#test/support/table.ts';
import { aNote, context, NoteChanged, NoteMade, notes, noteWorks, NOW } from '#test/support/note.ts';

beforeAll(async () => {
  await freshTable();
});

const doing = (decision: Decision, change: Parameters<typeof context>[0] = {}) =>
  run(
    commit(async () => decision),
    context(change),
  );
const eventsOf = async (recordId: string) =>
  (await list(events, 'item', { recordId }, { consistent: true })).items.map(asEvent);
const partition = async (pk: string) =>
  (
    await table().send(
      new QueryCommand({
        TableName: tableName(),
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': pk },
        ConsistentRead: true,
      }),
    )
  ).Items ?? [];

describe('an event', () => {
  it('is written with who, when, why, and where it stands', async () => {
    const note = aNote({ storyId: 'story_1' });
    const write = notes.create(note);
    const { id } = note;
    const cause = { id: 'cause.r1.0', depth: 3 };
    await doing({ writes: [write], events: [NoteMade.of(write, {})] }, { cause });
    expect(await eventsOf(id)).toEqual([
      {
        id: `${id}.r1.0`,
        type: 'note.made',
        place: 'R0000000001#0',
        recordId: id,
        at: NOW,
        position: '00',
        record: { entity: 'lead', id, part: 'R', version: 1 },
        touched: [],
        storyId: 'story_1',
        by: { kind: 'user', id: 'user_1', name: 'Anna' },
        data: {},
        changes: [],
        cause: 'cause.r1.0',
        depth: 4,
        requestId: 'request-1',
      },
    ]);
  });

  it('has an ordinal where one command tells several of one record, and the changes stand in the first', async () => {
    const note = aNote();
    await doing({ writes: [notes.create(note)], events: [NoteMade.of(notes.create(note), {})] });
    const write = notes.save(note, { text: 'two' });
    const told = [NoteChanged.of(write, { why: 'a' }), NoteChanged.of(write, { why: 'b' })];
    const outcome = await doing({ writes: [write], events: told });
    const [, first, second] = await eventsOf(note.id);
    expect([first?.place, second?.place]).toEqual(['R0000000002#0', 'R0000000002#1']);
    expect([first?.position, second?.position]).toEqual(['00', '01']);
    expect([first?.changes, second?.changes]).toEqual([[{ field: 'text', from: 'one', to: 'two' }], []]);
    expect(outcome.eventId).toBe(`${note.id}.r2.1`);
  });

  it('names what else the command changed: the other part of its record, and records without an event', async () => {
    const note = aNote();
    const work = { id: note.id, version: 1, count: 1 };
    const other = aNote();
    const [write, workWrite, otherWrite] = [notes.create(note), noteWorks.create(work), notes.create(other)];
    await doing({ writes: [write, workWrite, otherWrite], events: [NoteMade.of(write, {})] });
    expect((await eventsOf(note.id))[0]?.touched).toEqual([
      { entity: 'leadWork', id: note.id, part: 'W', version: 1 },
      { entity: 'lead', id: other.id, part: 'R', version: 1 },
    ]);
  });

  it('of the machine’s part stands beside those of people, by its own version', async () => {
    const note = aNote();
    const work = { id: note.id, version: 1, count: 1 };
    const write = notes.create(note);
    await doing({ writes: [write, noteWorks.create(work)], events: [NoteMade.of(write, {})] });
    const counted = noteWorks.save(work, { count: 2 });
    await doing({ writes: [counted], events: [NoteChanged.of(counted, {})] });
    expect((await eventsOf(note.id)).map(({ place, record }) => [place, record.part])).toEqual([
      ['R0000000001#0', 'R'],
      ['W0000000002#0', 'W'],
    ]);
  });

  it('is found in the order of its story', async () => {
    const [one, two] = [aNote({ storyId: 'story_order' }), aNote({ storyId: 'story_order' })];
    const writes = [notes.create(two), notes.create(one)];
    await doing({ writes, events: writes.map((write) => NoteMade.of(write, {})) });
    const later = notes.save(one, { text: 'two' });
    await doing({ writes: [later], events: [NoteChanged.of(later, {})] }, { now: '2026-11-23T10:00:00.001Z' });
    const { items } = await list(events, 'gsi2', { storyId: 'story_order' });
    expect(items.map(({ id }) => id)).toEqual([`${two.id}.r1.0`, `${one.id}.r1.0`, `${one.id}.r2.0`]);
  });

  it('is never written over: the same place is taken once', async () => {
    const note = aNote();
    const write = notes.put(note);
    await doing({ writes: [write], events: [NoteMade.of(write, {})] });
    const again = doing({ writes: [write], events: [NoteMade.of(write, {})] }, { deadline: 0 });
    await expect(again).rejects.toMatchObject({ code: 'conflict' });
    expect(await eventsOf(note.id)).toHaveLength(1);
  });

  it('tells of a record that its command changes, or the command is wrong', async () => {
    const told = { events: [NoteMade.of(notes.create(aNote()), {})] };
    await expect(doing(told)).rejects.toThrow('A command tells note.made of a record it does not change.');
  });

  it('only names a change that is too large to be shown', async () => {
    const note = aNote();
    const made = notes.create(note);
    await doing({ writes: [made], events: [NoteMade.of(made, {})] });
    const write = notes.save(note, { text: 'ы'.repeat(120_000) });
    await doing({ writes: [write], events: [NoteChanged.of(write, {})] });
    expect((await eventsOf(note.id)).at(-1)?.changes).toEqual([{ field: 'text' }]);
  });

  it('stops a chain of causes that goes round in a circle', async () => {
    const write = notes.create(aNote());
    const told = { writes: [write], events: [NoteMade.of(write, {})] };
    const deep = (depth: number) => doing(told, { cause: { id: 'x', depth } });
    await expect(deep(MAX_DEPTH)).rejects.toMatchObject({ code: 'wrong_state' });
    await deep(MAX_DEPTH - 1);
    expect((await eventsOf(write.recordId))[0]?.depth).toBe(MAX_DEPTH);
  });
});

describe('what an event tells of a change', () => {
  const changed = async (from: Parameters<typeof aNote>[0], to: Parameters<typeof aNote>[0]) => {
    const note = aNote(from);
    const first = notes.create(note);
    await doing({ writes: [first], events: [NoteMade.of(first, {})] });
    const write = notes.save(note, to ?? {});
    await doing({ writes: [write], events: [NoteChanged.of(write, {})] });
    const items = await partition(`EVENT#${note.id}`);
    return { note, event: (await eventsOf(note.id))[1], written: JSON.stringify(items) };
  };

  it('is each field with its old and new value, and not its version', async () => {
    const { event } = await changed({ text: 'one', storyId: 'story_a' }, { text: 'two', storyId: 'story_b' });
    expect(event?.changes).toEqual([
      { field: 'storyId', from: 'story_a', to: 'story_b' },
      { field: 'text', from: 'one', to: 'two' },
    ]);
  });

  it('is a field that came or went', async () => {
    expect((await changed({}, { storyId: 's' })).event?.changes).toEqual([{ field: 'storyId', to: 's' }]);
    expect((await changed({ storyId: 's' }, { storyId: undefined })).event?.changes).toEqual([
      { field: 'storyId', from: 's' },
    ]);
  });

  it('is a personal field by name only: its old value lies with the person, where it can be erased', async () => {
    const { event, written, note } = await changed(
      { phone: '+7-secret-1', personId: 'person_1' },
      { phone: '+7-secret-2' },
    );
    expect(event?.changes).toEqual([{ field: 'phone', personal: true }]);
    expect(written).not.toContain('secret');
    const kept = (await partition('PERSON#person_1')).filter(({ eventId }) => eventId === event?.id);
    expect(kept).toMatchObject([{ type: 'was', recordId: note.id, values: { phone: '+7-secret-1' } }]);
  });

  it('keeps no old value where there was none', async () => {
    const { event } = await changed({ personId: 'person_2' }, { phone: '+7' });
    expect(event?.changes).toEqual([{ field: 'phone', personal: true }]);
    expect(await partition('PERSON#person_2')).toEqual([]);
  });

  it('is a guarded field by name only, and never its value, also deep inside', async () => {
    const { event, written } = await changed(
      { cost: 111_111, parts: [{ name: 'a', cost: 222_222 }] },
      { cost: 333_333, parts: [{ name: 'b', cost: 444_444 }] },
    );
    expect(event?.changes).toEqual([{ field: 'cost' }, { field: 'parts', from: [{ name: 'a' }], to: [{ name: 'b' }] }]);
    expect(written).not.toMatch(/111111|222222|333333|444444/);
  });

  it('says that something guarded inside changed where nothing else did', async () => {
    const { event } = await changed({ parts: [{ name: 'a', cost: 1 }] }, { parts: [{ name: 'a', cost: 2 }] });
    expect(event?.changes).toEqual([{ field: 'parts' }]);
  });
});
