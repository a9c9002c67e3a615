import * as z from 'zod';
import { Command, run } from '#shared/command.ts';
import { newId } from '#shared/id.ts';
import { logFor } from '#shared/log.ts';
import { epochOf, instantOf, systemNow } from '#shared/time.ts';

type Given<I> = {
  input: I;
  now: string;
  newId(prefix: string): string;
  /** Present when the workflow waits for an answer. */
  token: string | undefined;
  cause: { id: string; depth: number } | undefined;
  /** Until when a command may be tried, epoch ms. */
  deadline: number;
};

export type Task = {
  name: string;
  input: z.ZodType;
  output: z.ZodType;
  act(given: Given<never>): Promise<unknown>;
};

/**
 * One step a workflow may ask for. Names and payloads only grow: a run of yesterday meets today's code.
 * It may be asked twice; what it commits must find its own traces.
 */
export const task = <I extends z.ZodType, O extends z.ZodType>(
  name: string,
  schemas: { input: I; output: O },
  act: (given: Given<z.output<I>>) => Promise<z.output<O> | { command: Command; output: z.output<O> }>,
): Task => ({ name, ...schemas, act: act });

const Payload = z.looseObject({
  task: z.string(),
  input: z.unknown(),
  token: z.string().optional(),
  requestId: z.string().default('workflow'),
  /** The event that started the run: what its tasks tell has it for its cause. */
  cause: z.object({ id: z.string(), depth: z.int() }).optional(),
});

/** The handler of `tasks`: finds the task a workflow names, runs it, and answers its output. */
export function performs(tasks: readonly Task[], before: () => Promise<void> = async () => {}) {
  const known = new Map(tasks.map((one) => [one.name, one]));
  return async (payload: unknown, context: { getRemainingTimeInMillis(): number }): Promise<unknown> => {
    const { task: name, input, token, requestId, cause } = Payload.parse(payload);
    logFor(requestId);
    const found = known.get(name);
    if (!found)
      throw Object.assign(new Error(`There is no task ${name}: tasks may be added, never renamed or removed.`), {
        name: 'UnknownTask',
      });
    await before();
    const now = instantOf(systemNow());
    const deadline = systemNow() + context.getRemainingTimeInMillis() - 1500;
    const done = await found.act({
      deadline,
      input: found.input.parse(input) as never,
      token,
      cause,
      now,
      newId: (prefix) => newId(prefix, epochOf(now)),
    });
    const { command, output } =
      done instanceof Object && 'command' in done
        ? (done as { command: Command; output: unknown })
        : { command: undefined, output: done };
    if (command) {
      await run(command, {
        now,
        by: { kind: 'system', id: name },
        requestId,
        cause,
        deadline,
      });
    }
    return z.encode(found.output, output);
  };
}
