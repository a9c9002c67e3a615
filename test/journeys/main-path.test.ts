import { afterAll, beforeAll, expect, test } from 'vitest';
import { good, HEAD, openJourney, SELLER, uniqueEmail, uniquePhone } from '#test/support/journey.ts';
import {
  approvalOf,
  type Deal,
  dealOf,
  type Lead,
  leadOf,
  linkFor,
  type Order,
  post,
  press,
  type Problem,
  PUMP,
  storyOf,
} from '#test/support/steps.ts';

let journey: Awaited<ReturnType<typeof openJourney>>;
beforeAll(async () => {
  journey = await openJourney();
});
afterAll(() => journey.stop());

test('R1, R19, R25, R55, R72: a form of the site becomes a lead, a deal, an approval by letter, a won deal with its order, and one story', async () => {
  const buyer = {
    name: 'Вера',
    email: uniqueEmail(),
    phone: uniquePhone(),
    company: 'ООО «Ромашка»',
    message: 'Два насоса',
  };
  const rawId = good(await post(journey, 'site', buyer)).body.id;
  await journey.control.settle();
  const { lead, work, version } = await leadOf(journey, rawId);
  expect(lead).toMatchObject({ ...buyer, rawId, channel: 'site', state: 'new', duplicates: [] });
  expect(work).toMatchObject({ score: 55, scoreRules: 'lead v1', next: { kind: 'call' } });
  expect((await journey.mail(buyer.email)).map(({ subject }) => subject)).toEqual(['Мы получили ваш запрос']);

  const answered = { ifMatch: version, body: { answers: { need: 'Насосы', budget: '100 000' } } };
  const qualified = good(await journey.seller<Lead>(`POST /api/leads/${lead.id}/qualify`, answered));
  const lines = [{ productId: PUMP, quantity: '2', discount: '18' }];
  const name = `Насосы ${rawId}`;
  const converted = good(
    await journey.seller<Lead>(`POST /api/leads/${lead.id}/convert`, {
      ifMatch: qualified.version,
      body: { client: { kind: 'organisation' }, deal: { typeId: 'quick', name, lines } },
    }),
  );
  const { clientId = '', dealId = '' } = converted.body;
  const deal = await dealOf(journey.seller, dealId);
  expect(deal.body).toMatchObject({ leadId: lead.id, clientId, amount: { amount: '79540.00', currency: 'RUB' } });

  const win = () =>
    journey.seller<Order & Problem>(`POST /api/deals/${dealId}/win`, { ifMatch: deal.version, body: {} });
  expect(await win()).toMatchObject({ status: 409, body: { code: 'approval_needed' } });
  await journey.control.settle();
  const link = await linkFor(journey, HEAD, deal.body);
  expect(await (await fetch(link)).text()).toContain(name);
  expect((await approvalOf(journey.head, deal.body.approvalId)).body.state).toBe('pending');
  expect((await press(link, 'approve')).page).toContain('Ольга Громова');
  await journey.control.settle();

  const agreed = await journey.seller<Deal>(`POST /api/deals/${dealId}/stage`, {
    ifMatch: deal.version,
    body: { stage: 'agreed' },
  });
  const order = good(
    await journey.seller<Order>(`POST /api/deals/${dealId}/win`, { ifMatch: agreed.version, body: {} }),
  ).body;
  expect(order).toMatchObject({ state: 'draft', dealId, clientId, lines: deal.body.lines, amount: deal.body.amount });
  await journey.control.settle();
  const subjects = async (to: string) => (await journey.mail(to, name)).map(({ subject }) => subject).toSorted();
  expect(await subjects(SELLER)).toEqual([`Сделка выиграна: ${name}`, `Согласовано: ${name}`]);
  expect(await subjects(HEAD)).toEqual([`Сделка выиграна: ${name}`, `Согласование: ${name}`]);

  const approvalId = deal.body.approvalId ?? '';
  const records = [rawId, lead.id, lead.personId, clientId, dealId, approvalId, order.id];
  const stories = await Promise.all(records.map((id) => storyOf(journey.seller, id)));
  for (const story of stories) expect(story).toEqual(stories[0]);
  expect(stories[0]?.chain.map(({ id }) => id).filter((id) => !id.startsWith('letter_'))).toEqual(
    expect.arrayContaining(records),
  );
  const told = stories[0]?.events.filter(({ recordId }) => records.includes(recordId)) ?? [];
  const chapters = [
    'intake.received',
    'lead.captured',
    'lead.qualified',
    'lead.converted',
    'client.created',
    'deal.opened',
    'approval.asked',
  ];
  const after = ['approval.awaited', 'approval.decided', 'deal.moved', 'deal.won', 'order.drafted'];
  const types = told.map(({ type }) => type).filter((type) => [...chapters, ...after].includes(type));
  expect(types).toEqual([...chapters, ...after]);
  expect(told.map(({ at }) => at)).toEqual(told.map(({ at }) => at).toSorted());
});
