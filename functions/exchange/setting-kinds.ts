import { calendarKind } from '#functions/activities/calendar.ts';
import { workRulesKind } from '#functions/activities/work-list.ts';
import { policyKind } from '#functions/approvals/policy.ts';
import { accessKind } from '#functions/auth/access.ts';
import { dealTypeKind } from '#functions/deals/deal-type.ts';
import { leadTypeKind } from '#functions/leads/lead-type.ts';
import { scoringKind } from '#functions/leads/scoring.ts';
import { templateKind } from '#functions/mail/template.ts';
import { channelKind } from '#functions/marketing/channel.ts';
import { formKind, sourceKind } from '#functions/marketing/form.ts';
import { fieldSetKind } from '#functions/settings/field-set.ts';
import { legalEntityKind } from '#functions/settings/legal-entity.ts';
import type { Kind } from '#functions/settings/setting.ts';

/** Every kind of setting there is: whatever is configured without a deploy. */
export const settingKinds: readonly Kind[] = [
  channelKind,
  formKind,
  sourceKind,
  templateKind,
  policyKind,
  scoringKind,
  leadTypeKind,
  dealTypeKind,
  fieldSetKind,
  legalEntityKind,
  accessKind,
  calendarKind,
  workRulesKind,
];
