import * as z from 'zod';
import { countSteps, doSteps } from '#shared/job-rows.ts';
import type { Doing, JobKind } from '#shared/jobs.ts';
import { changeStep } from '#shared/record-step.ts';
import { behind } from './acting.ts';
import { filteredIds } from './bulk-ids.ts';
import { BULK } from './job-name.ts';
import { kindFor, mayChange } from './kinds.ts';

const PAGE = 200;
const Input = z.object({
  kind: z.string(),
  ids: z.array(z.string()).optional(),
  filter: z.string().optional(),
  search: z.string().optional(),
  change: z.record(z.string(), z.unknown()),
});

const pageOf = (doing: Doing, ids: readonly string[]) => {
  const from = Number(doing.cursor ?? 0);
  return ids.slice(from, from + PAGE).map((id, place) => ({ n: from + place + 1, id }));
};

/** Makes the same change to many records, each by the rights of who asked for it. */
export const bulkJob: JobKind = {
  ...BULK,
  async chunk(doing) {
    const { user, editing, acting } = await behind(doing);
    const { kind: name, change, ...which } = Input.parse(doing.input);
    const ids = which.ids ?? (await filteredIds(doing, { kind: name, ...which }, user));
    const kind = kindFor(name, user);
    const page = pageOf(doing, ids);
    const steps = page.map(({ n, id }) => ({
      n,
      lane: id,
      about: { recordId: id, of: name },
      decide: changeStep(kind, id, kind.Change.parse(change), editing, mayChange(kind, user)),
    }));
    const { next, ...done } = await doSteps(doing, steps, { ...acting, locale: user.locale });
    const at = next === undefined ? (page.at(-1)?.n ?? 0) : next - 1;
    return { ...done, total: ids.length, ...(at < ids.length && { cursor: String(at) }) };
  },
  async stop(doing) {
    const { user } = await behind(doing);
    const input = Input.parse(doing.input);
    const ids = input.ids ?? (await filteredIds(doing, input, user));
    return countSteps(
      doing,
      pageOf(doing, ids).map(({ n }) => n),
    );
  },
};
