import { createHash } from 'node:crypto';
import * as z from 'zod';
import { hashOf } from '#shared/json.ts';

/** Raised when an older release could no longer read an archive. */
export const FORMAT = 1;

/** What an archive says of itself. `hash` is over the content alone: two archives of equal content have the same. */
export const Manifest = z.object({
  format: z.literal(FORMAT),
  madeAt: z.string(),
  counts: z.record(z.string(), z.int()),
  files: z.record(z.string(), z.object({ sha256: z.string(), type: z.string().optional() })),
  hash: z.string(),
});
export type Manifest = z.output<typeof Manifest>;

export const hashOfFiles = (files: Manifest['files']): string => hashOf([FORMAT, files]);

/** The hash of what is added to it, piece by piece. */
export function running(): { add(piece: string | Uint8Array): void; hex(): string } {
  const hash = createHash('sha256');
  return { add: (piece) => void hash.update(piece), hex: () => hash.digest('hex') };
}
