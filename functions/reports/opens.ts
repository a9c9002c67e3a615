import * as z from 'zod';
import { Money } from '#shared/money.ts';

/** What lists exactly the records behind a number: `GET /api/lists/{list}?filter=…`, with `archived=true` where it says so. */
export const Opens = z.object({ list: z.string(), filter: z.string(), archived: z.literal(true).optional() });
export type Opens = z.output<typeof Opens>;

/** A number, and the list behind it. */
export const Counted = z.object({ count: z.int(), opens: Opens });
export type Counted = z.output<typeof Counted>;
export const CountedMoney = Counted.extend({ money: z.array(Money) });

/** Every answer of the read copy says of which moment it is, and whether it lacks what the caller has just written. */
export const Truth = { asOf: z.string(), behind: z.boolean() };

/** A text as it stands in a filter. */
export const quote = (text: string): string => JSON.stringify(text);

/** From a moment on and before another. */
export const between = (field: string, { from, to }: { from: string; to: string }): string =>
  `${field} >= ${quote(from)} && ${field} < ${quote(to)}`;
