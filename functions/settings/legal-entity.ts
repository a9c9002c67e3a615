import * as z from 'zod';
import { Currency } from '#shared/money.ts';
import { Line, Name } from '#shared/text.ts';
import { settingKind } from './setting.ts';
import { Zone } from '#shared/time.ts';

/** A firm of ours in whose name we sell: its documents, its zone, its number sequences. */
const LegalEntity = z.object({
  fullName: Name(300),
  taxId: Line(30),
  address: Line(),
  zone: Zone,
  currency: Currency,
});
export const legalEntityKind = settingKind('legal-entity', 'legal-entities', LegalEntity);
