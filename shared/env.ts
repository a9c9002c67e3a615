import * as z from 'zod';

/** Environment of every function that touches the table. */
export const TableEnv = z.object({ TABLE_NAME: z.string().min(3) });
/** Environment of functions that sign, check or decrypt. */
export const SecretEnv = z.object({ SECRET_ARN: z.string().min(1) });

/** Reads the environment of the function once it is needed; a missing variable is named. */
export function readEnv<S extends z.ZodObject>(schema: S): z.output<S> {
  const parsed = schema.safeParse(process.env);
  if (parsed.success) return parsed.data;
  throw new Error(`The environment lacks: ${parsed.error.issues.map((issue) => issue.path.join('.')).join(', ')}`);
}
