import * as z from 'zod';
import { entity } from '#shared/table/entity.ts';
import { Letter } from './letter.ts';

export const letters = entity('letter', Letter, { part: 'R' });

/** An address that must get no more letters of any kind, and why: it bounced for good, or its owner complained. */
const Address = z.object({
  email: z.string(),
  version: z.int(),
  why: z.enum(['bounced', 'complained', 'suppressed']),
  at: z.string(),
});
export const addresses = entity('address', Address, { recordId: ({ email }) => `address:${email}` });
