import { AwsError } from '../front.ts';
import { operationsOf, textOf, type Item, type Request } from './request.ts';
import type { Table } from './table.ts';

/** Weather for tests: what AWS does and the engine never does. `random` is seeded, so that a run can be repeated. */
export type RoughOptions = {
  random(): number;
  /** Share of calls that fail with a throttle, or a transaction conflict. */
  share?: number;
  /** For how long after a write an item is missing from index queries. */
  lagMs?: number;
  /** Milliseconds of any origin, by which the lag is measured. */
  now?(): number;
};

export type Rough = {
  /** @throws AwsError for a share of the calls, before they reach the engine */
  refuse(action: string, request: Request): void;
  wrote(action: string, request: Request): void;
  /** The answer of an index query without the items written a moment ago. */
  withoutFresh(request: Request, body: string | Buffer): string | Buffer;
};

export function roughWeather(options: RoughOptions, tables: ReadonlyMap<string, Table>): Rough {
  const { random, share = 0.03, lagMs = 300, now: instant = () => performance.now() } = options;
  const written = new Map<string, number>();
  const keyOf = (name: string, item: Item): string => {
    const table = tables.get(name);
    const values = [table?.hash, table?.range].map((attribute) => item[attribute ?? '']);
    return JSON.stringify([name, ...values.map((value) => (value ? textOf(value) : ''))]);
  };
  return {
    refuse(action, request) {
      if (random() < share) throw action === 'TransactWriteItems' ? conflict(request) : throttle();
    },
    wrote(action, request) {
      const now = instant();
      for (const [key, at] of written) {
        if (now - at < lagMs) break;
        written.delete(key);
      }
      for (const { table, items } of operationsOf(action, request)) {
        for (const item of items) {
          const key = keyOf(table, item);
          written.delete(key);
          written.set(key, now);
        }
      }
    },
    withoutFresh(request, body) {
      const answer = JSON.parse(body.toString()) as { Items?: Item[]; Count?: number };
      if (!answer.Items) return body;
      const now = instant();
      const name = request.TableName ?? '';
      const seen = answer.Items.filter((item) => now - (written.get(keyOf(name, item)) ?? -Infinity) >= lagMs);
      return JSON.stringify({ ...answer, Items: seen, Count: seen.length });
    },
  };
}

const throttle = (): AwsError =>
  new AwsError('ProvisionedThroughputExceededException', 'rough weather: the level of throughput was exceeded');

function conflict({ TransactItems: items = [] }: Request): AwsError {
  const reasons = items.map((_, index) =>
    index === 0
      ? { Code: 'TransactionConflict', Message: 'Transaction is ongoing for the item' }
      : { Code: 'None', Message: null },
  );
  const codes = reasons.map(({ Code }) => Code).join(', ');
  return new AwsError(
    'TransactionCanceledException',
    `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`,
    400,
    { CancellationReasons: reasons },
  );
}
