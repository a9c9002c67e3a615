import type { Decision } from '#shared/command.ts';
import { entity } from '#shared/table/entity.ts';
import type { Read } from '#shared/table/read.ts';
import { Segment, SegmentEntered, SegmentLeft, SegmentMember } from './segment.ts';

export const segments = entity('segment', Segment, { part: 'R' });
export const segmentMembers = entity('segmentMember', SegmentMember, {
  part: 'R',
  recordId: ({ segmentId, recordId }) => `${segmentId}/${recordId}`,
});

export type Move = { segmentId: string; recordId: string; state: 'in' | 'out'; because: string[] };

/** Takes a record into a segment or out of it; nothing when it is there already. */
export async function moved(
  read: Read,
  { segmentId, recordId, state, because }: Move,
  now: string,
): Promise<Decision | undefined> {
  const before = await read.get(segmentMembers, { segmentId, recordId });
  if ((before?.state ?? 'out') === state) return undefined;
  const change = { state, because, since: now };
  const write = before
    ? segmentMembers.save(before, change)
    : segmentMembers.create({ segmentId, recordId, version: 1, ...change });
  const of = recordId;
  const event =
    state === 'in' ? SegmentEntered.of(write, { segmentId, of, because }) : SegmentLeft.of(write, { segmentId, of });
  return { writes: [write], events: [event] };
}
