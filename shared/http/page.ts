import * as z from 'zod';

/** How every list is paged: at most 100 at a time, on by the cursor of the page before. */
export const PageQuery = z.object({
  limit: z
    .string()
    .regex(/^([1-9]\d?|100)$/, { error: 'a whole number from 1 to 100' })
    .optional(),
  cursor: z.string().max(2000).optional(),
});

export const pageOf = ({
  limit,
  cursor,
}: z.output<typeof PageQuery>): { limit: number; cursor: string | undefined } => ({
  limit: limit === undefined ? 50 : Number(limit),
  cursor,
});

/** What a list answers: a page of items, and the cursor of the next one if there is one. */
export const Paged = <S extends z.ZodType>(item: S) =>
  z.object({ items: z.array(item), cursor: z.string().optional() });
