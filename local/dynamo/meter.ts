import type { Request } from './request.ts';

type Capacity = {
  TableName?: string;
  CapacityUnits?: number;
  Table?: Units;
  GlobalSecondaryIndexes?: Record<string, Units>;
};
type Units = { CapacityUnits?: number };
type Answered = { ConsumedCapacity?: Capacity | Capacity[] };

/** Capacity units of calls: what the table cost and what its indexes cost. */
type Consumption = { calls: number; table: number; index: number };

/** Counts capacity while a label is set. `totals` is label → action → units since `label` was first called. */
export type Meter = {
  /** Counts from now on under this name; undefined stops counting. */
  label(name: string | undefined): void;
  totals(): Record<string, Record<string, Consumption>>;
  clear(): void;
  /** The body to send instead, or undefined when nothing is being counted. */
  request(request: Request): Buffer | undefined;
  /** Counts an answer and takes out what the caller did not ask for. */
  answer(action: string, request: Request, body: string | Buffer): string;
};

export function newMeter(): Meter {
  let current: string | undefined;
  let totals: Record<string, Record<string, Consumption>> = {};
  return {
    label: (name) => (current = name),
    totals: () => structuredClone(totals),
    clear: () => (totals = {}),
    request: (request) =>
      current === undefined
        ? undefined
        : Buffer.from(JSON.stringify({ ...request, ReturnConsumedCapacity: 'INDEXES' })),
    answer: (action, { ReturnConsumedCapacity: asked = 'NONE' }, body) => {
      const { ConsumedCapacity: consumed, ...answer } = JSON.parse(body.toString()) as Answered;
      const parts = [consumed ?? []].flat();
      if (current !== undefined) add(((totals[current] ??= {})[action] ??= { calls: 0, table: 0, index: 0 }), parts);
      if (!consumed || asked === 'NONE') return JSON.stringify(answer);
      const total = (part: Capacity): Capacity => ({ TableName: part.TableName ?? '', CapacityUnits: unitsOf(part) });
      const shown = asked === 'INDEXES' ? consumed : Array.isArray(consumed) ? consumed.map(total) : total(consumed);
      return JSON.stringify({ ...answer, ConsumedCapacity: shown });
    },
  };
}

function add(sum: Consumption, parts: readonly Capacity[]): void {
  sum.calls += 1;
  for (const part of parts) {
    const index = Object.values(part.GlobalSecondaryIndexes ?? {}).reduce((n, units) => n + unitsOf(units), 0);
    sum.index += index;
    sum.table += unitsOf(part) - index;
  }
}

const unitsOf = ({ CapacityUnits = 0 }: Units): number => CapacityUnits;
