import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { good, openJourney, unique, uniqueEmail, type Person } from '#test/support/journey.ts';
import { leadsOf, newForm, type Problem } from '#test/support/steps.ts';

type Segment = { id: string; version: number; name: string };
type Found = { items: { id: string; name?: string; channel?: string }[]; totals?: { count: number } };
type Member = { recordId: string; state: string; because: string[]; since: string };

let journey: Awaited<ReturnType<typeof openJourney>>;
beforeAll(async () => {
  journey = await openJourney();
});
afterAll(() => journey.stop());

const q = (query: Record<string, string>): string => new URLSearchParams(query).toString();
const listed = async (person: Person, filter: string, after = ''): Promise<string[]> => {
  const call = `GET /api/lists/leads?${q({ filter, sort: 'name', fields: 'name' })}`;
  const got = good(await person<Found>(call, { headers: { 'x-after-event': after } }));
  return got.body.items.map(({ name = '' }) => name);
};
const membersOf = async (id: string): Promise<Member[]> =>
  good(await journey.admin<{ items: Member[] }>(`GET /api/segments/${id}/members`)).body.items;

/** Two leads of a form of their own. */
async function twoLeads(): Promise<{ form: string; ids: [string, string] }> {
  const form = await newForm(journey);
  for (const name of ['Anna', 'Boris'])
    await journey.visitor(`POST /public/forms/${form}`, { body: { name, email: uniqueEmail(), company: 'Acme' } });
  await journey.control.settle();
  const leads = await leadsOf(journey, form);
  const idOf = (name: string): string => leads.find((lead) => lead.name === name)?.id ?? '';
  return { form, ids: [idOf('Anna'), idOf('Boris')] };
}

describe('segments', () => {
  it('R45: a changed field moves a lead in or out within a minute, with the reason; the size is previewed before', async () => {
    const { form, ids } = await twoLeads();
    const filter = `channel == "${form}" && company == "acme" && state in ["new", "working"]`;
    const preview = good(
      await journey.admin<{ count: number; sample: { title: string }[] }>('POST /api/segments/preview', {
        body: { list: 'leads', filter },
      }),
    ).body;
    expect([preview.count, preview.sample.map(({ title }) => title).sort()]).toEqual([2, ['Anna', 'Boris']]);
    const body = { list: 'leads', name: 'Acme', kind: 'rule', filter };
    const segment = good(await journey.admin<Segment>('POST /api/segments', { body })).body;
    const within = `inSegment("${segment.id}")`;
    await journey.control.advance('60s');
    const because = [`channel == "${form}"`, 'company == "acme"', 'state in ["new", "working"]'];
    const members = await membersOf(segment.id);
    expect(members.map(({ recordId, state }) => `${recordId} ${state}`).sort()).toEqual(
      ids.map((id) => `${id} in`).sort(),
    );
    expect(members[0]?.because).toEqual(because);

    const lead = good(await journey.admin(`GET /api/leads/${ids[0]}`));
    const changed = good(
      await journey.admin(`PUT /api/leads/${ids[0]}`, { ifMatch: lead.version, body: { company: 'Other' } }),
    );
    expect(await listed(journey.admin, within, changed.headers.get('x-event-id') ?? '')).toEqual(['Boris']);
    const of = (id: string) =>
      journey.admin<{ items: { id: string; because: string[] }[] }>(`GET /api/segments/of/${id}`);
    expect(good(await of(ids[1])).body.items).toEqual([{ id: segment.id, name: 'Acme', kind: 'rule', because }]);
    expect(good(await of(ids[0])).body.items).toEqual([]);

    await journey.control.advance('60s');
    const after = await membersOf(segment.id);
    expect(after.find(({ recordId }) => recordId === ids[0])).toMatchObject({ state: 'out', because: [] });
    expect(after.find(({ recordId }) => recordId === ids[1])).toMatchObject({ state: 'in' });
    await journey.control.advance('60s');
    expect(await membersOf(segment.id)).toEqual(after);

    expect(await listed(journey.admin, `${within} && name == "boris"`)).toEqual(['Boris']);
    const groups = good(
      await journey.admin<{ groups: unknown[] }>(`GET /api/lists/leads/groups?${q({ by: 'channel', filter: within })}`),
    );
    expect(groups.body.groups).toEqual([{ keys: [form], count: 1, sums: {} }]);
    expect(good(await journey.admin<{ count: number }>(`GET /api/segments/${segment.id}/count`)).body.count).toBe(1);
  });

  it('R45: a fixed segment holds what was put into it, by hand, and only what is there', async () => {
    const { ids } = await twoLeads();
    const body = { list: 'leads', name: 'By hand', kind: 'fixed' };
    const segment = good(await journey.admin<Segment>('POST /api/segments', { body })).body;
    const put = (call: string, ...given: string[]) =>
      journey.admin<Problem>(`POST /api/segments/${segment.id}/${call}`, { body: { ids: given } });
    good(await put('members', ...ids));
    const again = good(await put('members', ids[0]));
    const filter = `inSegment("${segment.id}")`;
    expect(await listed(journey.admin, filter, again.headers.get('x-event-id') ?? '')).toEqual(['Anna', 'Boris']);
    const taken = good(await put('members/remove', ids[0]));
    expect(await listed(journey.admin, filter, taken.headers.get('x-event-id') ?? '')).toEqual(['Boris']);
    expect(await put('members', 'lead_00000000000000000000000000')).toMatchObject({ status: 404 });
    await journey.control.advance('60s');
    expect(await listed(journey.admin, filter)).toEqual(['Boris']);
  });

  it('a rule that does not hold is refused with the place, and so is a segment within a segment', async () => {
    const segment = good(
      await journey.admin<Segment>('POST /api/segments', {
        body: { list: 'leads', name: 'All', kind: 'rule', filter: 'true' },
      }),
    ).body;
    const bad = async (filter: string, list = 'leads') => {
      const got = await journey.admin<Problem>('POST /api/segments', {
        body: { list, name: 'x', kind: 'rule', filter },
      });
      expect(got.status).toBe(400);
      return got.body.errors[0]?.detail ?? '';
    };
    expect(await bad('stat == "new"')).toContain('Character 1: there is no field stat');
    expect(await bad(`inSegment("${segment.id}")`)).toContain('there is no segment');
    expect(await bad('true', 'nothing')).toContain('There is no list nothing');
    const gone = good(
      await journey.admin<Segment>(`PUT /api/segments/${segment.id}`, { ifMatch: 1, body: { archived: true } }),
    );
    const got = await journey.admin(`GET /api/lists/leads?${q({ filter: `inSegment("${segment.id}")` })}`, {
      headers: { 'x-after-event': gone.headers.get('x-event-id') ?? '' },
    });
    expect(got.status).toBe(400);
  });
});

describe('saved views', () => {
  it('are mine, or shared with everybody, and lead to what they were saved for', async () => {
    const name = unique('view');
    const query = {
      filter: 'state == "new" && ownerId == me',
      sort: '-score',
      fields: ['name', 'score'],
      totals: ['score'],
    };
    const mine = good(await journey.seller<Segment>('POST /api/views', { body: { list: 'leads', name, query } })).body;
    const shared = good(
      await journey.seller<Segment>('POST /api/views', {
        body: { list: 'leads', name: `${name} all`, shared: true, query },
      }),
    ).body;
    const seen = async (person: Person): Promise<string[]> =>
      good(await person<{ items: Segment[] }>('GET /api/views?list=leads')).body.items.flatMap((one) =>
        one.name.startsWith(name) ? [one.id] : [],
      );
    expect(await seen(journey.seller)).toEqual([mine.id, shared.id]);
    expect(await seen(journey.anna)).toEqual([shared.id]);
    expect(await journey.anna(`GET /api/views/${mine.id}`)).toMatchObject({ status: 404 });
    expect(await journey.anna(`PUT /api/views/${shared.id}`, { ifMatch: 1, body: { name: 'mine now' } })).toMatchObject(
      { status: 403 },
    );
    expect(await journey.seller(`PUT /api/views/${mine.id}`, { body: { name: 'x' } })).toMatchObject({ status: 428 });
    good(await journey.seller(`PUT /api/views/${mine.id}`, { ifMatch: 1, body: { archived: true } }));
    expect(await seen(journey.seller)).toEqual([shared.id]);
    const wrong = { list: 'products', name, query: { filter: 'cost > 1' } };
    expect(await journey.seller('POST /api/views', { body: wrong })).toMatchObject({ status: 400 });
  });
});
