import { beforeEach, expect, it } from 'vitest';
import { useSecret } from '#shared/aws/secret.ts';
import { append } from '#shared/feed/append.ts';
import { feedHead, laneOf } from '#shared/feed/feed.ts';
import { get } from '#shared/table/read.ts';
import { systemNow } from '#shared/time.ts';
import { anEvent } from '#test/support/event.ts';
import { freshId, NOW } from '#test/support/note.ts';
import { freshTable } from '#test/support/table.ts';

useSecret('the secret of the test');
beforeEach(async () => {
  await freshTable();
});

it('feeds large events of one lane, though they pass what one transaction holds', async () => {
  const recordId = freshId();
  const large = { changes: [{ field: 'text', from: 'я'.repeat(75_000), to: 'я'.repeat(75_000) }] };
  const events = Array.from({ length: 20 }, (_, at) => anEvent(recordId, at + 1, large));
  await append(events, NOW, systemNow() + 20_000);
  expect(await get(feedHead, { lane: laneOf(recordId) })).toMatchObject({ seq: 20 });
});
