import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { commit, run } from '#shared/command.ts';
import { asEvent, events, type Event } from '#shared/events.ts';
import { append } from '#shared/feed/append.ts';
import { Copy } from '#shared/read/copy.ts';
import { follow, reaches } from '#shared/read/follow.ts';
import { readTable } from '#shared/read/read-table.ts';
import { useSecret } from '#shared/aws/secret.ts';
import { listAll } from '#shared/table/read.ts';
import { systemNow } from '#shared/time.ts';
import { aNote, context, freshId, NoteChanged, NoteMade, notes, noteWorks, NOW } from '#test/support/note.ts';
import { freshTable } from '#test/support/table.ts';

useSecret('the secret of the test');
beforeEach(async () => {
  await freshTable();
});

const noteTable = readTable({
  name: 'notes',
  parts: [notes, noteWorks],
  rights: 'lead.read',
  search: ['text'],
  sorts: ['text'],
});
const emptyCopy = () => new Copy(':memory:', [noteTable]);
const always = () => true;

/** All of a copy but the order in which it came by it. */
const contents = (copy: Copy) => ({
  rows: copy.all(
    'SELECT rowId, madeAt, text, phone, count, item FROM notes JOIN "notes:item" USING (rid) ORDER BY rowId',
  ),
  found: copy.all(
    'SELECT rowId FROM notes WHERE rid IN (SELECT rowid FROM "notes:parts" WHERE "notes:parts" MATCH ?) ORDER BY rowId',
    '"wor"',
  ),
  happened: copy.all('SELECT id, at, type, record, byId, changes FROM happened ORDER BY id'),
  places: [...copy.places()].toSorted(([a], [b]) => (a < b ? -1 : 1)),
});

async function make(id: string, text: string): Promise<void> {
  await run(
    commit(async () => {
      const write = notes.create(aNote({ id, text, phone: '+79161234567' }));
      return { writes: [write, noteWorks.create({ id, version: 1, count: 0 })], events: [NoteMade.of(write, {})] };
    }),
    context(),
  );
}
async function change(id: string, text: string): Promise<void> {
  await run(
    commit(async (read) => {
      const [note, work] = [await read.need(notes, { id }), await read.need(noteWorks, { id })];
      const write = notes.save(note, { text });
      return { writes: [write, noteWorks.save(work, { count: work.count + 1 })], events: [NoteChanged.of(write, {})] };
    }),
    context(),
  );
}
const eventsOf = async (ids: readonly string[]): Promise<Event[]> =>
  (await Promise.all(ids.map((recordId) => listAll(events, { recordId })))).flat().map(asEvent);
const feedAll = async (all: readonly Event[]): Promise<void> => append(all, NOW, systemNow() + 20_000);

describe('the read copy follows the feed', () => {
  it('and a copy made anew from the feed is equal to one that followed it step by step', async () => {
    const Step = fc.record({
      note: fc.nat({ max: 4 }),
      text: fc.constantFrom('word one', 'two', 'слово'),
      feed: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(Step, { minLength: 1, maxLength: 12 }), async (steps) => {
        await freshTable();
        const ids = Array.from({ length: 5 }, freshId);
        const made = new Set<string>();
        const stepwise = emptyCopy();
        for (const { note, text, feed } of steps) {
          const id = ids[note] ?? '';
          await (made.has(id) ? change(id, text) : make(id, text));
          made.add(id);
          // Events come late and again: the feed takes each once.
          if (feed) {
            await feedAll(await eventsOf([...made].reverse()));
            expect(await follow({ copy: stepwise, hasTime: always })).toMatchObject({ whole: true });
          }
        }
        await feedAll(await eventsOf([...made]));
        await follow({ copy: stepwise, hasTime: always });
        const anew = emptyCopy();
        await follow({ copy: anew, hasTime: always });
        expect(contents(anew)).toEqual(contents(stepwise));
        expect(contents(anew).rows).toHaveLength(made.size);
        expect(contents(anew).happened).toHaveLength(steps.length);
      }),
      { numRuns: 12 },
    );
  });

  it('stops when there is no time, whole pages only, and goes on from there', async () => {
    const ids = Array.from({ length: 6 }, freshId);
    for (const id of ids) await make(id, 'word');
    await feedAll(await eventsOf(ids));
    const copy = emptyCopy();
    expect(await follow({ copy, hasTime: () => false })).toMatchObject({ rewound: false });
    expect(await follow({ copy, hasTime: always })).toEqual({ whole: true, left: 0, rewound: false });
    expect(contents(copy).rows).toHaveLength(6);
  });

  it('knows an event by its marker, and does not wait for ever for one that is on its way', async () => {
    const id = freshId();
    await make(id, 'word');
    const [event] = await eventsOf([id]);
    let asked = 0;
    expect(await reaches(event?.id ?? '', () => (asked += 1) < 3)).toBe(false);
    expect(asked).toBe(3);
    await feedAll(await eventsOf([id]));
    expect(await reaches(event?.id ?? '', always)).toBe(true);
  });

  it('says so when the feed is shorter than what it has read: a table was brought back to an earlier day', async () => {
    const id = freshId();
    await make(id, 'word');
    await feedAll(await eventsOf([id]));
    const copy = emptyCopy();
    await follow({ copy, hasTime: always });
    await freshTable();
    expect(await follow({ copy, hasTime: always })).toMatchObject({ rewound: true });
  });
});

describe('the file of a copy', () => {
  it('is refused by a release with other tables', async () => {
    const { mkdtempSync, rmSync } = await import('node:fs');
    const { tmpdir } = await import('node:os');
    const { join } = await import('node:path');
    const folder = mkdtempSync(join(tmpdir(), 'copy-'));
    const file = join(folder, 'copy.sqlite');
    new Copy(file, [noteTable]).close();
    new Copy(file, [noteTable]).close();
    expect(() => new Copy(file, [{ ...noteTable, sorts: [] }])).toThrow('other tables');
    rmSync(folder, { recursive: true });
  });
});
