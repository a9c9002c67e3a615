import type * as z from 'zod';

/** Reads the environment of the function once it is needed; a missing variable is named. */
export function readEnv<S extends z.ZodObject>(schema: S): z.output<S> {
  const parsed = schema.safeParse(process.env);
  if (parsed.success) return parsed.data;
  throw new Error(`The environment lacks: ${parsed.error.issues.map((issue) => issue.path.join('.')).join(', ')}`);
}
