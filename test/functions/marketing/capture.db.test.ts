import { beforeAll, describe, expect, it } from 'vitest';
import { capture, type Posted } from '#functions/marketing/capture.ts';
import { raws } from '#functions/marketing/store.ts';
import { commit, run } from '#shared/command.ts';
import { newId } from '#shared/id.ts';
import { get } from '#shared/table/read.ts';
import { addTo, systemNow } from '#shared/time.ts';
import { context, NOW } from '#test/support/note.ts';
import { freshTable } from '#test/support/table.ts';

beforeAll(async () => {
  await freshTable();
});

const posted = (value: unknown, change: Partial<Posted> & { at?: string } = {}): Posted => {
  const { at = NOW, ...rest } = change;
  const id = newId('raw', systemNow());
  const raw = { id, storyId: 'story_a', sourceId: 'site', door: 'form' as const, at, contentType: 'application/json' };
  const kept = {
    ...raw,
    body: JSON.stringify(value),
    encoding: 'utf8' as const,
    address: '127.0.0.1',
    requestId: 'request-1',
  };
  return { raw: kept, value, key: undefined, suspicion: undefined, ...rest };
};
const take = async (one: Posted) => (await run(commit(capture(one)), context())).record?.['id'];
const stateOf = async (id: unknown) => (await get(raws, { id: String(id) }))?.state;

describe('two posts are one', () => {
  it('when source and payload are equal within ten minutes, timing fields aside', async () => {
    const first = await take(posted({ email: 'a@x.example', _start: '1' }));
    expect(await take(posted({ email: 'a@x.example', _start: '2' }, { at: addTo(NOW, { minutes: 9 }) }))).toBe(first);
    const later = await take(posted({ email: 'a@x.example' }, { at: addTo(NOW, { minutes: 11 }) }));
    expect(later).not.toBe(first);
  });

  it('when their key is equal, however much later', async () => {
    const first = await take(posted({ email: 'b@x.example' }, { key: 'one' }));
    expect(await take(posted({ email: 'b@x.example' }, { key: 'one', at: addTo(NOW, { days: 2 }) }))).toBe(first);
  });

  it('and of twenty at once one is kept', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, async () => take(posted({ email: 'c@x.example' }))));
    expect(new Set(all).size).toBe(1);
  });
});

describe('a suspicious post', () => {
  it('waits for a person', async () => {
    expect(await stateOf(await take(posted({ email: 'd@x.example' }, { suspicion: 'Filled in within 0.3 s.' })))).toBe(
      'quarantined',
    );
  });

  it('goes on its way when the same is pressed again as a person would', async () => {
    const first = await take(posted({ email: 'e@x.example' }, { suspicion: 'Filled in within 0.3 s.' }));
    expect(await take(posted({ email: 'e@x.example' }, { at: addTo(NOW, { seconds: 5 }) }))).toBe(first);
    expect(await stateOf(first)).toBe('received');
  });

  it('stays where it is when it is only repeated', async () => {
    const first = await take(posted({ email: 'f@x.example' }, { suspicion: 'The hidden field website is filled in.' }));
    expect(await take(posted({ email: 'f@x.example' }, { suspicion: 'The hidden field website is filled in.' }))).toBe(
      first,
    );
    expect(await stateOf(first)).toBe('quarantined');
  });

  it('is kept beside the first one when it comes under its key with another body', async () => {
    const first = await take(posted({ email: 'g@x.example' }, { key: 'two' }));
    expect(await take(posted({ email: 'h@x.example' }, { key: 'two' }))).toBe(first);
    expect(await stateOf(first)).toBe('received');
  });
});
