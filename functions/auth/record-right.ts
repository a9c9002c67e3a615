import type { Right } from './rights.ts';

/** The right that reading a kind of record needs. Requests as they came are told as part of their lead. */
export const recordRights: Readonly<Record<string, Right>> = {
  raw: 'lead.read',
  lead: 'lead.read',
  leadWork: 'lead.read',
  person: 'client.read',
  client: 'client.read',
  product: 'product.read',
  activity: 'activity.read',
  activityWork: 'activity.read',
  deal: 'deal.read',
  dealWork: 'deal.read',
  approval: 'approval.read',
  approvalRun: 'approval.read',
  order: 'order.read',
  letter: 'letter.read',
  setting: 'setting.read',
  user: 'user.read',
  team: 'user.read',
  job: 'job.read',
  externalId: 'external-id.read',
  webhook: 'webhook.read',
  delivery: 'webhook.read',
};
