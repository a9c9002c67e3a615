import { refuse } from '#shared/errors.ts';
import { valueAt } from '#shared/read/column.ts';
import { conjuncts } from '#shared/read/filter.ts';
import { listRows } from '#shared/read/list.ts';
import { conditionOf } from '#shared/read/select.ts';
import { quoted } from '#shared/read/shape.ts';
import type { User } from '#shared/user.ts';
import { checkQuery, customKindsOf, openCopy, openList, systemViewer, viewerOf } from './list.ts';
import { membersIn, rulesIn } from './segment-sweep.ts';
import type { Segment } from './segment.ts';

export async function preview(list: string, filter: string, user: User, now: string) {
  await checkList(list, user, now);
  const { copy, from, viewer, custom } = await openList(list, { user, now });
  const { items, totals } = listRows(copy, from, { filter, limit: 5, totals: [] }, viewer, custom);
  const [title = 'id'] = from.shape.search;
  return {
    count: totals?.count ?? 0,
    sample: items.map((item) => ({ id: String(item['id']), title: String(valueAt(item, title) ?? item['id']) })),
  };
}

const checkList = (list: string, user: User, now: string): Promise<void> => checkQuery(list, {}, user, now);

/** Only records there are, and that the caller may see, can be put into a segment. @throws 404 naming the first that is not */
export async function mustBeThere(list: string, ids: readonly string[], user: User, now: string): Promise<void> {
  const { copy, viewer, custom, from } = await openList(list, { user, now });
  const where = conditionOf(from.shape, {}, viewer, custom);
  const missing = ids.find(
    (id) => !copy.one(`SELECT 1 FROM ${from.table} WHERE rowId = ? AND ${where.sql}`, id, ...where.values),
  );
  if (missing !== undefined) throw refuse('not_found', { what: list, id: missing });
}

/** Which segments hold a record now: those by a rule are asked part by part, so that each says why. */
export async function segmentsOf(recordId: string, user: User, now: string) {
  const { copy } = await openCopy();
  const holding = [...copy.shapes.values()].find(
    ({ name }) => copy.one(`SELECT 1 FROM ${quoted(name)} WHERE rowId = ?`, recordId) !== undefined,
  );
  const viewer = holding && viewerOf(user, holding.name, now);
  if (!holding || !viewer) throw refuse('not_found', { what: 'record', id: recordId });
  const custom = await customKindsOf(holding.name);
  const holds = (filter: string, segment: Segment): boolean => {
    const where = conditionOf(holding, { filter, archived: true }, systemViewer(copy, segment.ownerId, now), custom);
    return (
      copy.one(`SELECT 1 FROM ${quoted(holding.name)} WHERE rowId = ? AND ${where.sql}`, recordId, ...where.values) !==
      undefined
    );
  };
  const seen = conditionOf(holding, { archived: true }, viewer, custom);
  if (!copy.one(`SELECT 1 FROM ${quoted(holding.name)} WHERE rowId = ? AND ${seen.sql}`, recordId, ...seen.values))
    throw refuse('not_found', { what: 'record', id: recordId });
  return rulesIn(copy, ['rule', 'fixed'])
    .filter(({ list }) => list === holding.name)
    .flatMap((segment) => {
      const { id, name, kind, filter } = segment;
      if (filter === undefined) return membersIn(copy, id).includes(recordId) ? [{ id, name, kind, because: [] }] : [];
      return holds(filter, segment) ? [{ id, name, kind, because: conjuncts(filter) }] : [];
    });
}
