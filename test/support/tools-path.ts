import { expect } from 'vitest';
import type { Job, Row } from './exchange.ts';
import { uploaded } from './exchange.ts';
import { ADMIN, type Journey, unique, uniqueEmail } from './journey.ts';
import type { StepOf } from './main-path.ts';
import { accepted, insist } from './patience.ts';
import type { Lead } from './steps.ts';

/** What one walk through the tools of everyday work has come to know. */
export type ToolsWalk = {
  company: string;
  emails: string[];
  importId?: string;
  bulkId?: string;
  segmentId?: string;
  subject: string;
  ids?: string[];
  cursor?: string;
  begun?: number;
};
type Found = { items: { id: string; name?: string }[]; totals?: { count: number; sums: Record<string, unknown> } };
type Step = StepOf<ToolsWalk>;

const LEADS = 5;
export const newToolsWalk = (): ToolsWalk => ({
  company: unique('acme'),
  emails: Array.from({ length: LEADS }, uniqueEmail),
  subject: unique('Перезвонить'),
});

/** A field of the firm's own that every walk uses; made once for an installation. */
export async function budgetField(journey: Journey): Promise<void> {
  const body = { fields: [{ id: 'budget', kind: 'money', name: { ru: 'Бюджет', en: 'Budget' } }] };
  await accepted(() =>
    journey.admin('PUT /api/settings/field-sets/lead', { body: { name: 'Lead', body }, key: 'budget' }),
  );
}

const listed = async (journey: Journey, walk: ToolsWalk, filter = 'true', totals = ''): Promise<Found> => {
  const query = new URLSearchParams({ filter: `company == "${walk.company}" && ${filter}`, sort: 'name', totals });
  return (await accepted(() => journey.admin<Found>(`GET /api/lists/leads?${query.toString()}`))).body;
};
const jobOf = async (journey: Journey, id = ''): Promise<Job> =>
  (await accepted(() => journey.admin<Job>(`GET /api/jobs/${id}`))).body;
const RUB = (amount: string) => ({ amount, currency: 'RUB' });

/**
 * The tools of everyday work, step by step, on records of the walk's own. Each step may be taken again when its answer was
 * lost, and what follows from it is looked at in the next one.
 */
export const toolsPath: readonly Step[] = [
  {
    name: 'a marketer brings in a file of leads',
    async take(journey, walk) {
      walk.cursor ??= (
        await accepted(() => journey.admin<{ cursor: string }>('GET /api/changes?after=now'))
      ).body.cursor;
      const rows = walk.emails.map((email, n) => `Лид ${n};${email};${walk.company};${n + 1}000,50`);
      const file = await insist(() =>
        uploaded(journey.admin, 'leads.csv', ['Имя;Почта;Фирма;Бюджет', ...rows].join('\n')),
      );
      const columns = { Имя: 'name', Почта: 'email', Фирма: 'company', Бюджет: 'custom.budget' };
      const body = { kind: 'lead', file, columns, mode: 'both', match: 'email', runRoutes: false, currency: 'RUB' };
      const asked = { body, key: `import-${walk.company}` };
      walk.importId ??= (await accepted(() => journey.admin<Job>('POST /api/imports', asked))).body.id;
    },
  },
  {
    name: 'all of them are in the list, with their sum, and a segment by a rule has those with a large budget',
    async take(journey, walk) {
      expect(await jobOf(journey, walk.importId)).toMatchObject({ state: 'done', created: LEADS, failed: 0 });
      const found = await listed(journey, walk, 'true', 'custom.budget');
      expect(found.totals).toEqual({ count: LEADS, sums: { 'custom.budget': { money: [RUB('15002.50')] } } });
      walk.ids = found.items.map(({ id }) => id);
      const filter = `company == "${walk.company}" && custom.budget > 3000`;
      const body = { list: 'leads', name: walk.company, kind: 'rule', filter };
      walk.segmentId ??= (
        await accepted(() => journey.admin<{ id: string }>('POST /api/segments', { body, key: walk.company }))
      ).body.id;
    },
  },
  {
    name: 'one change for all in the segment',
    async take(journey, walk) {
      const filter = `inSegment("${walk.segmentId}")`;
      expect((await listed(journey, walk, filter)).items).toHaveLength(3);
      const body = { kind: 'lead', filter, change: { custom: { budget: RUB('1.00') } } };
      walk.bulkId ??= (
        await accepted(() => journey.admin<Job>('POST /api/bulk', { body, key: `bulk-${walk.company}` }))
      ).body.id;
    },
  },
  {
    name: 'it is done to each of them once, and taken back',
    async take(journey, walk) {
      expect(await jobOf(journey, walk.bulkId)).toMatchObject({ state: 'done', changed: 3, failed: 0 });
      await accepted(() =>
        journey.admin(`POST /api/jobs/${walk.bulkId}/undo`, { body: {}, key: `undo-${walk.company}` }),
      );
    },
  },
  {
    name: 'the old budgets are back; one lead gets a task, another waits for a day',
    async take(journey, walk) {
      const found = await listed(journey, walk, 'true', 'custom.budget');
      expect(found.totals?.sums['custom.budget']).toEqual({ money: [RUB('15002.50')] });
      const [first = '', second = ''] = walk.ids ?? [];
      // A step that is taken again says the same.
      walk.begun ??= (await journey.control.clock()).epochMs;
      const begun = walk.begun;
      const inHours = (hours: number): string => new Date(begun + hours * 3_600_000).toISOString();
      const task = { kind: 'task', subject: walk.subject, recordId: first, dueAt: inHours(30), remindAt: inHours(26) };
      await accepted(() => journey.admin('POST /api/activities', { body: task, key: `task-${walk.company}` }));
      const { version, body } = await accepted(() =>
        journey.admin<Lead & { state: string }>(`GET /api/leads/${second}`),
      );
      if ('postponedUntil' in body) return;
      const postpone = {
        ifMatch: version,
        key: `later-${walk.company}`,
        body: { until: inHours(72).slice(0, 10), reason: 'not-now' },
      };
      await accepted(() => journey.admin(`POST /api/leads/${second}/postpone`, postpone));
    },
  },
];

/** What the walk leaves behind, after the days it waits for: everything once. */
export async function expectToolsDone(journey: Journey, walk: ToolsWalk): Promise<void> {
  const reminders = await journey.mail(ADMIN, walk.subject);
  expect(reminders.map(({ subject }) => subject)).toEqual([`Напоминание: ${walk.subject}`]);
  const [, second = ''] = walk.ids ?? [];
  const { body } = await accepted(() => journey.admin<Lead & { returnedAt?: string }>(`GET /api/leads/${second}`));
  expect(body.returnedAt).toBeDefined();
  const rows = (await accepted(() => journey.admin<{ items: Row[] }>(`GET /api/jobs/${walk.importId}/rows`))).body
    .items;
  expect(rows.map(({ result }) => result)).toEqual(walk.emails.map(() => 'created'));
  const entered = (
    await accepted(() => journey.admin<{ items: { state: string }[] }>(`GET /api/segments/${walk.segmentId}/members`))
  ).body;
  expect(entered.items.filter(({ state }) => state === 'in')).toHaveLength(3);
  const types = await changesOf(journey, walk);
  expect(types.filter((type) => type === 'lead.captured')).toHaveLength(LEADS);
  expect(types.filter((type) => type === 'lead.postponed')).toHaveLength(1);
  expect(types.filter((type) => type === 'lead.returned')).toHaveLength(1);
}

/** The types of all events of the walk's leads since it began, as another system reads them. */
async function changesOf(journey: Journey, walk: ToolsWalk): Promise<string[]> {
  const types: string[] = [];
  type Changes = { items: { type: string; record: { id: string } }[]; cursor: string; more: boolean };
  for (let after = walk.cursor ?? ''; ;) {
    const { body } = await accepted(() =>
      journey.admin<Changes>(`GET /api/changes?limit=100&after=${encodeURIComponent(after)}`),
    );
    types.push(...body.items.filter(({ record }) => walk.ids?.includes(record.id)).map(({ type }) => type));
    if (!body.more) return types;
    after = body.cursor;
  }
}
