import type { Request } from './request.ts';
import { unitsOf, type Units } from './units.ts';

/** Capacity units of calls: what the table cost and what its indexes cost. */
type Consumption = Units & { calls: number };

/** Counts capacity while a label is set. `totals` is label → action → units since `label` was first called. */
export type Meter = {
  /** Counts from now on under this name; undefined stops counting. */
  label(name: string | undefined): void;
  totals(): Record<string, Record<string, Consumption>>;
  clear(): void;
  /** Counts a call that succeeded. */
  count(action: string, request: Request, body: string | Buffer): void;
};

export function newMeter(): Meter {
  let current: string | undefined;
  let totals: Record<string, Record<string, Consumption>> = {};
  return {
    label: (name) => (current = name),
    totals: () => structuredClone(totals),
    clear: () => (totals = {}),
    count(action, request, body) {
      if (current === undefined) return;
      const { table, index } = unitsOf(action, request, JSON.parse(body.toString()) as Record<string, unknown>);
      const sum = ((totals[current] ??= {})[action] ??= { calls: 0, table: 0, index: 0 });
      sum.calls += 1;
      sum.table += table;
      sum.index += index;
    },
  };
}
