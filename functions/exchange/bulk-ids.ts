import { idsOf } from '#shared/read/list.ts';
import { openList } from '#functions/reports/list.ts';
import { lists } from '#functions/reports/lists.ts';
import { getFile, putFile } from '#shared/aws/files.ts';
import { refuse } from '#shared/errors.ts';
import type { Doing } from '#shared/jobs.ts';
import type { User } from '#shared/user.ts';

/** Nobody changes more at once by intention. */
const MAX = 50_000;

/** The list whose records are of a kind. */
export const listOfKind = (kind: string): string | undefined =>
  lists.find(({ fieldSet }) => fieldSet === kind)?.table.name;

let last: { jobId: string; ids: readonly string[] } | undefined;

/**
 * The records a filter finds for whoever asks, found once: they are kept in a file, so that each chunk has the same ones in the
 * same order, also when the first chunk is tried again.
 */
export async function filteredIds(
  { jobId, now }: Pick<Doing, 'jobId' | 'now'>,
  { kind, filter, search }: { kind: string; filter?: string | undefined; search?: string | undefined },
  user: User,
): Promise<readonly string[]> {
  if (last?.jobId === jobId) return last.ids;
  const key = `results/${jobId}/ids.json`;
  const kept = await getFile(key);
  const ids = kept ? (JSON.parse(kept.toString()) as string[]) : await found(kind, { filter, search }, user, now);
  if (!kept) await putFile(key, JSON.stringify(ids), 'application/json');
  last = { jobId, ids };
  return ids;
}

async function found(
  kind: string,
  which: { filter?: string | undefined; search?: string | undefined },
  user: User,
  now: string,
): Promise<string[]> {
  const { copy, from, viewer, custom } = await openList(listOfKind(kind) ?? '', { user, now });
  const ids: string[] = [];
  for (const id of idsOf(copy, from, which, viewer, custom)) {
    ids.push(id);
    if (ids.length > MAX) throw refuse('too_many_rows', { max: MAX, format: 'bulk' });
  }
  return ids;
}
