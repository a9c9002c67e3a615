import * as z from 'zod';
import { settingKind } from './setting.ts';
import { Zone } from '#shared/time.ts';

/** A firm of ours in whose name we sell: its documents, its zone, its number sequences. */
const LegalEntity = z.object({
  fullName: z.string().min(1).max(300),
  taxId: z.string().max(30),
  address: z.string().max(500),
  zone: Zone,
  currency: z.string().length(3),
});
export const legalEntityKind = settingKind('legal-entity', 'legal-entities', LegalEntity);
