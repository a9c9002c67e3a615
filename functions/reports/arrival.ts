import type { Copy } from '#shared/read/copy.ts';
import { conditionOf, type Viewer } from '#shared/read/select.ts';
import { windowBefore } from './channel.ts';

/**
 * When the leads of each channel came, in order, by the channel's id: all since a moment, and those of the time before the last
 * one by which its rhythm is known. Leads that were put away have come as well.
 */
export function arrivalsOf(copy: Copy, viewer: Viewer, since: string): Map<string, string[]> {
  const { sql, values } = conditionOf(copy.shape('leads'), { archived: true }, viewer, new Map());
  const where = `${sql} AND channel IS NOT NULL`;
  const last = copy.all(
    `SELECT channel, max("capturedAt") AS at FROM leads WHERE ${where} GROUP BY channel`,
    ...values,
  );
  return new Map(
    last.map(({ channel, at }) => {
      const from = [since, windowBefore(String(at))].toSorted((a, b) => (a < b ? -1 : 1))[0] ?? since;
      const rows = copy.all(
        `SELECT "capturedAt" AS at FROM leads WHERE ${where} AND channel = ? AND "capturedAt" >= ? ORDER BY "capturedAt"`,
        ...values,
        channel ?? null,
        from,
      );
      return [String(channel), rows.map((row) => String(row['at']))];
    }),
  );
}
