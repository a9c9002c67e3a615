import { good, type Journey, type Person, unique } from './journey.ts';
import { type Letter, newDeal, PUMP } from './steps.ts';

/** Records of every kind that has owners, by kind, of one owner. */
export type OwnedRecords = Readonly<Record<string, string>>;
type Made = { id: string };

const idOf = async (by: Person, call: string, body: unknown): Promise<string> =>
  good(await by<Made>(call, { body })).body.id;

/** Makes a record of each kind for an owner; what goes with another record (an approval, an order, a letter) by way of that. */
export async function recordsOf(journey: Journey, ownerId: string): Promise<OwnedRecords> {
  const { admin } = journey;
  const lead = await idOf(admin, 'POST /api/leads', { name: unique('Lead'), ownerId });
  const client = await idOf(admin, 'POST /api/clients', { kind: 'organisation', name: unique('Client'), ownerId });
  const twins = await Promise.all(
    ['One', 'Two'].map((name) => idOf(admin, 'POST /api/clients', { kind: 'organisation', name, ownerId })),
  );
  const merge = await idOf(admin, 'POST /api/merges', { survivor: twins[0], others: twins.slice(1) });
  const deal = good(await newDeal(admin, client, { ownerId })).body;
  const sold = await newDeal(admin, client, { ownerId, lines: [{ productId: PUMP, quantity: '1' }] });
  const win = await admin<Made>(`POST /api/deals/${sold.body.id}/win`, { ifMatch: sold.version, body: {} });
  const order = good(win).body.id;
  const activity = await idOf(admin, 'POST /api/activities', {
    kind: 'note',
    subject: unique('Note'),
    recordId: deal.id,
    ownerId,
  });
  return { lead, client, merge, deal: deal.id, order, activity, approval: deal.approvalId ?? '' };
}

/** The letter that asks for the approval of a deal. */
export async function letterAbout(by: Person, recordId: string): Promise<string> {
  const { items } = good(await by<{ items: Letter[] }>(`GET /api/records/${recordId}/letters`)).body;
  return items[0]?.id ?? '';
}
