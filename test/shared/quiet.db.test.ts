import { beforeAll, expect, it } from 'vitest';
import { commit, run } from '#shared/command.ts';
import { asEvent, events } from '#shared/events.ts';
import { hears, listen, type Heard } from '#shared/listen.ts';
import { list } from '#shared/table/read.ts';
import { aNote, context, NoteChanged, NoteMade, notes } from '#test/support/note.ts';
import { freshTable } from '#test/support/table.ts';

beforeAll(async () => {
  await freshTable();
});

const lambda = { getRemainingTimeInMillis: () => 30_000 };
const eventsOf = async (recordId: string) =>
  (await list(events, 'item', { recordId }, { consistent: true })).items.map(asEvent);

/** Tells of a new note to a loud and a calm listener; the calm one changes the note. */
async function told(quiet: boolean): Promise<{ heard: string[]; quiet: unknown[] }> {
  const write = notes.create(aNote());
  await run(
    commit(async () => ({ writes: [write], events: [NoteMade.of(write, {})] })),
    context({ quiet }),
  );
  const heard: string[] = [];
  const hear =
    (name: string) =>
    async ({ event }: Heard<object>) => {
      heard.push(name);
      if (name === 'loud') return;
      return commit(async (read) => {
        const save = notes.save(await read.need(notes, { id: event.recordId }), { text: name });
        return { writes: [save], events: [NoteChanged.of(save, {})] };
      });
    };
  const handler = hears([
    listen(NoteMade, 'calm', hear('calm')),
    listen(NoteMade, 'loud', hear('loud'), { loud: true }),
  ]);
  const [event] = await eventsOf(write.recordId);
  await handler({ detail: event }, lambda);
  return { heard, quiet: (await eventsOf(write.recordId)).map((one) => one.quiet) };
}

it('a quiet event is left alone by listeners that are noticed outside, and what follows from it is quiet too', async () => {
  expect(await told(true)).toEqual({ heard: ['calm'], quiet: [true, true] });
  expect(await told(false)).toEqual({ heard: ['calm', 'loud'], quiet: [undefined, undefined] });
});
