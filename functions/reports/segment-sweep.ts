import { commit, run, type Context } from '#shared/command.ts';
import { conjuncts } from '#shared/read/filter.ts';
import { idsOf, today } from '#shared/read/list.ts';
import type { Copy } from '#shared/read/copy.ts';
import { customKindsOf, openCopy, systemViewer } from './list.ts';
import { moved, type Move } from './segment-store.ts';
import type { Segment } from './segment.ts';

/** Moves done at the same time. */
const ABREAST = 8;

/**
 * Notes who came into each rule segment and who left it since the last time. What there is no time for is found again by the
 * next run, as the difference is made of what is and not of what happened.
 */
export async function sweepSegments(context: Omit<Context, 'by'>, hasTime: () => boolean): Promise<{ moves: number }> {
  const { copy } = await openCopy();
  let moves = 0;
  for (const segment of rulesIn(copy)) {
    const wanted = await movesOf(copy, segment, context.now);
    const work = async (): Promise<void> => {
      for (let move = wanted.pop(); move && hasTime(); move = wanted.pop()) {
        const one = move;
        await run(
          commit((read) => moved(read, one, context.now)),
          { ...context, by: { kind: 'robot', id: `segment:${segment.id}` } },
        );
        moves += 1;
      }
    };
    await Promise.all(Array.from({ length: ABREAST }, work));
    if (!hasTime()) break;
  }
  return { moves };
}

/** The segments in use, as the copy knows them. */
export const rulesIn = (copy: Copy, kinds: readonly Segment['kind'][] = ['rule']): Segment[] =>
  copy
    .all('SELECT item FROM "segments" JOIN "segments:item" USING (rid) WHERE "archivedAt" IS NULL ORDER BY rid')
    .map(({ item }) => JSON.parse(String(item)) as Segment)
    .filter(({ kind }) => kinds.includes(kind));

async function movesOf(copy: Copy, segment: Segment, now: string): Promise<Move[]> {
  const { id: segmentId, filter = 'false', list, ownerId } = segment;
  const [viewer, custom] = [systemViewer(copy, ownerId, now), await customKindsOf(list)];
  const should = new Set(idsOf(copy, today(copy, list), { filter }, viewer, custom));
  const are = new Set(membersIn(copy, segmentId));
  const because = conjuncts(filter);
  return [
    ...[...should]
      .filter((id) => !are.has(id))
      .map((recordId) => ({ segmentId, recordId, state: 'in' as const, because })),
    ...[...are]
      .filter((id) => !should.has(id))
      .map((recordId) => ({ segmentId, recordId, state: 'out' as const, because: [] })),
  ];
}

/** Who is noted as in a segment, by the ids as they are. */
export const membersIn = (copy: Copy, segmentId: string): string[] =>
  copy
    .all(
      `SELECT rowId FROM "segment-members" WHERE "segmentId" = ? AND "state" = 'in' ORDER BY rowId`,
      segmentId.toLowerCase(),
    )
    .map(({ rowId }) => String(rowId).split('/')[1] ?? '');
