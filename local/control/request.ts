import * as z from 'zod';

/** Bodies of the control port; instants are ISO texts or epoch ms, lengths are ms or texts like `3d`. */
const Timeout = z.number().positive().max(600_000).optional();
export const Settle = z.strictObject({ timeoutMs: Timeout });
export const MoveClock = z.union([
  z.strictObject({ advanceTo: z.union([z.number(), z.iso.datetime({ offset: true })]), timeoutMs: Timeout }),
  z.strictObject({ advanceBy: z.union([z.number(), z.string()]), timeoutMs: Timeout }),
]);
export const Token = z.union([z.strictObject({ email: z.string() }), z.strictObject({ role: z.string() })]);
export const Rough = z.strictObject({ seed: z.number().int().nonnegative().nullable() });
export const Meter = z.strictObject({ label: z.string().nullable().optional(), clear: z.boolean().optional() });
export const Faults = z.array(
  z.strictObject({
    service: z.string(),
    action: z.string().optional(),
    match: z.string().optional(),
    kind: z.enum(['throttle', 'error', 'timeout', 'lost-answer', 'conflict', 'crash-before', 'crash-after']),
    times: z.number().int().positive().optional(),
    skip: z.number().int().nonnegative().optional(),
  }),
);
export const Nothing = z.strictObject({});
