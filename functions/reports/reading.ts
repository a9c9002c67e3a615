import * as z from 'zod';
import type { Viewer } from '#shared/read/select.ts';
import { conditionOf } from '#shared/read/select.ts';
import { groupsOf } from '#shared/read/report.ts';
import { today } from '#shared/read/list.ts';
import { totalsBy, type Totals } from '#shared/read/total.ts';
import { Money } from '#shared/money.ts';
import type { User } from '#shared/user.ts';
import { openCopy, viewerOf } from './list.ts';
import type { Counted, Opens } from './opens.ts';

/** Figures of reports use no field of the firm's own. */
const NO_FIELDS = new Map();

/** The copy as a report reads it for somebody: each number by the very filter that opens its list, within his reach. */
export async function openReport(user: User, now: string, after?: string) {
  const { copy, asOf, behind } = await openCopy(after);
  const viewer = (list: string): Viewer | undefined => viewerOf(user, list, now);
  const totals = ({ list, ...which }: Opens, fields: readonly string[]): Totals | undefined => {
    const who = viewer(list);
    if (!who) return undefined;
    const within = { where: conditionOf(copy.shape(list), which, who, NO_FIELDS), viewer: who, custom: NO_FIELDS };
    const [all] = totalsBy(copy, today(copy, list), [], fields, within);
    return all && { count: all.count, sums: all.sums };
  };
  return {
    copy,
    viewer,
    truth: { asOf, behind },
    /** Undefined where he may read no such list. */
    counted(opens: Opens): Counted | undefined {
      const found = totals(opens, []);
      return found && { count: found.count, opens };
    },
    /** As `counted`, with the sum of a field of money. */
    countedMoney(opens: Opens, field: string) {
      const found = totals(opens, [field]);
      const sum = found?.sums[field];
      const money = sum !== undefined && 'money' in sum ? sum.money.map((one) => z.decode(Money, one)) : [];
      return found && { count: found.count, opens, money };
    },
    /** How many there are for every value of a field. */
    countedBy({ list, ...which }: Opens, field: string): { value: unknown; count: number }[] {
      const who = viewer(list);
      if (!who) return [];
      const groups = groupsOf(copy, today(copy, list), { ...which, by: [field], totals: [] }, who, NO_FIELDS);
      return groups.map(({ keys: [value], count }) => ({ value, count }));
    },
  };
}
