import { beforeAll, describe, expect, it } from 'vitest';
import { commit, run, type Decide } from '#shared/command.ts';
import type { Refusal } from '#shared/errors.ts';
import { refuse } from '#shared/errors.ts';
import type { Once } from '#shared/idempotency.ts';
import { get, list, need } from '#shared/table/read.ts';
import { events } from '#shared/events.ts';
import { transact } from '#shared/table/transact.ts';
import { putItem, unchanged } from '#shared/table/write.ts';
import { systemNow } from '#shared/time.ts';
import { freshTable } from '#test/support/table.ts';
import { aNote, context, freshId, NoteChanged, NoteMade, notes } from '#test/support/note.ts';

beforeAll(async () => {
  await freshTable();
});

const made = async (change: Parameters<typeof aNote>[0] = {}) => {
  const note = aNote(change);
  await transact([putItem(notes.create(note).put)]);
  return note;
};
/** Adds one word to a note; `before` runs between reading and writing, on each try. */
const adding =
  (id: string, word: string, before: (attempt: number) => Promise<unknown> = async () => {}): Decide =>
  async (read) => {
    const note = await read.need(notes, { id });
    tries.set(id, (tries.get(id) ?? 0) + 1);
    await before(tries.get(id) ?? 0);
    const write = notes.save(note, { text: `${note.text} ${word}` });
    return { writes: [write], events: [NoteChanged.of(write, {})], answer: write };
  };
const tries = new Map<string, number>();
const eventsOf = async (recordId: string) =>
  (await list(events, 'item', { recordId }, { consistent: true })).items.map(({ kind }) => kind);
const refusalOf = (error: unknown) => ({ code: (error as Refusal).code, status: (error as Refusal).status });

describe('a command', () => {
  it('decides again on what is there when somebody was faster, and then holds for both', async () => {
    const { id } = await made();
    const faster = (attempt: number) => (attempt < 3 ? run(commit(other(id)), context()) : Promise.resolve());
    const other =
      (of: string): Decide =>
      async (read) => {
        const write = notes.save(await read.need(notes, { id: of }), {});
        return { writes: [write], events: [NoteChanged.of(write, {})] };
      };
    const outcome = await run(commit(adding(id, 'two', faster)), context());
    expect(outcome).toMatchObject({ status: 200, version: 4, eventId: `${id}.r4.0`, record: { text: 'one two' } });
    expect([tries.get(id), (await eventsOf(id)).length]).toEqual([3, 3]);
  });

  it('keeps every one of many at once', async () => {
    const { id } = await made();
    const words = Array.from({ length: 8 }, (_, at) => `w${at}`);
    await Promise.all(words.map((word) => run(commit(adding(id, word)), context())));
    const { text, version } = await need(notes, { id });
    expect(text.split(' ').slice(1).toSorted()).toEqual(words);
    expect(version).toBe(9);
    expect(await eventsOf(id)).toHaveLength(8);
  });

  it('gives up with a conflict when races do not end before its deadline', async () => {
    const { id } = await made();
    const always = () => run(commit(adding(id, 'other')), context());
    const decide: Decide = async (read) => {
      const note = await read.need(notes, { id });
      await always();
      const write = notes.save(note, { text: 'mine' });
      return { writes: [write], events: [NoteChanged.of(write, {})] };
    };
    const error = await run(commit(decide), context({ deadline: systemNow() + 150 })).catch(refusalOf);
    expect(error).toEqual({ code: 'conflict', status: 409 });
    expect((await need(notes, { id })).text).not.toContain('mine');
  });

  it('writes nothing at all when one of its conditions no longer holds', async () => {
    const [one, other] = [await made(), await made()];
    const decide: Decide = async (read) => {
      const write = notes.save(await read.need(notes, { id: one.id }), { text: 'two' });
      return {
        writes: [write],
        events: [NoteChanged.of(write, {})],
        checks: [unchanged(notes.key({ id: other.id }), 7)],
      };
    };
    expect(await run(commit(decide), context({ deadline: systemNow() + 50 })).catch(refusalOf)).toMatchObject({
      code: 'conflict',
    });
    expect(await need(notes, { id: one.id })).toEqual(one);
    expect(await eventsOf(one.id)).toEqual([]);
  });

  it('does nothing when it decides nothing, and passes a refusal on', async () => {
    expect(
      await run(
        commit(async () => undefined),
        context(),
      ),
    ).toEqual({
      status: 204,
      record: undefined,
      version: undefined,
    });
    const refusal = run(
      commit(async () => {
        throw refuse('wrong_state');
      }),
      context(),
    );
    expect(await refusal.catch(refusalOf)).toEqual({ code: 'wrong_state', status: 409 });
  });

  it('answers a record as it is without writing it', async () => {
    const note = await made();
    const decide: Decide = async (read) => ({
      answer: notes.asIs(await read.need(notes, { id: note.id })),
      status: 202,
    });
    expect(await run(commit(decide), context())).toEqual({ status: 202, version: 1, record: note });
    expect((await need(notes, { id: note.id })).version).toBe(1);
  });

  it('may not change a record and say nothing', async () => {
    const decide: Decide = async () => ({ writes: [notes.create(aNote())] });
    await expect(run(commit(decide), context())).rejects.toThrow('changes lead and tells no event');
  });

  it('may not be larger than a transaction: it says so before anything is written', async () => {
    const all = Array.from({ length: 60 }, () => notes.create(aNote()));
    const decide: Decide = async () => ({ writes: all, events: all.map((write) => NoteMade.of(write, {})) });
    await expect(run(commit(decide), context())).rejects.toThrow('A command wrote 120 items');
    expect(await get(notes, { id: all[0]?.recordId ?? '' })).toBeUndefined();
  });
});

describe('a command under a key', () => {
  const once = (change: Partial<Once> = {}): Once => ({
    principal: 'user_1',
    key: freshId(),
    hash: 'h',
    days: 2,
    ...change,
  });
  const creating = (id: string): Decide => {
    const write = notes.create(aNote({ id }));
    return async () => ({ writes: [write], events: [NoteMade.of(write, {})], answer: write, status: 201 });
  };

  it('happens once: the repeat has the first status and the record as it now is', async () => {
    const id = freshId();
    const key = once();
    expect(await run(commit(creating(id)), context({ once: key }))).toMatchObject({ status: 201, version: 1 });
    await run(commit(adding(id, 'two')), context());
    expect(await run(commit(creating(freshId())), context({ once: key }))).toMatchObject({
      status: 201,
      version: 2,
      repeated: true,
      record: { id, text: 'one two' },
    });
    expect(await eventsOf(id)).toEqual(['note.made', 'note.changed']);
  });

  it('happens once also when its repeat would be refused, because its first run moved the state on', async () => {
    const { id } = await made();
    const key = once();
    const decide: Decide = async (read) => {
      const note = await read.need(notes, { id });
      if (note.text !== 'one') throw refuse('wrong_state');
      const write = notes.save(note, { text: 'two' });
      return { writes: [write], events: [NoteChanged.of(write, {})], answer: write };
    };
    await run(commit(decide), context({ once: key }));
    expect(await run(commit(decide), context({ once: key }))).toMatchObject({
      repeated: true,
      record: { text: 'two' },
    });
    expect(await run(commit(decide), context({ once: once() })).catch(refusalOf)).toMatchObject({
      code: 'wrong_state',
    });
  });

  it('happens once of ten at the same time', async () => {
    const key = once();
    const ids = Array.from({ length: 10 }, freshId);
    const outcomes = await Promise.all(ids.map((id) => run(commit(creating(id)), context({ once: key }))));
    expect(new Set(outcomes.map(({ record }) => record?.['id'])).size).toBe(1);
    expect(outcomes.filter(({ repeated }) => repeated)).toHaveLength(9);
    const there = await Promise.all(ids.map((id) => get(notes, { id })));
    expect(there.filter((note) => note !== undefined)).toHaveLength(1);
  });

  it('is refused when the key was used for something else, and is free for somebody else', async () => {
    const key = once();
    await run(commit(creating(freshId())), context({ once: key }));
    const other = commit(creating(freshId()));
    const refused = await run(other, context({ once: { ...key, hash: 'other' } })).catch(refusalOf);
    expect(refused).toEqual({ code: 'key_reused', status: 422 });
    expect(await run(other, context({ once: { ...key, principal: 'user_2' } }))).toMatchObject({ status: 201 });
  });

  it('remembers that it did something that has no record to answer', async () => {
    const key = once();
    const decide: Decide = async () => ({});
    expect(await run(commit(decide), context({ once: key }))).toMatchObject({ status: 204 });
    expect(await run(commit(decide), context({ once: key }))).toEqual({
      status: 204,
      record: undefined,
      version: undefined,
      repeated: true,
    });
  });
});
