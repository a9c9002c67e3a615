import * as z from 'zod';
import { checkRule, instantOf } from './choice.ts';
import { NotSupported } from './error.ts';
import { parseExpression } from './expression.ts';
import type { Json, JsonObject } from './json.ts';
import { parsePath } from './path.ts';
import { checkPayload } from './payload.ts';

/** The part of Amazon States Language (https://states-language.net, JSONPath) the local cloud runs; all else is refused. */

/** Runs a check that throws NotSupported as part of a schema. */
const checked =
  <Value>(check: (value: Value) => void) =>
  (value: Value, context: z.RefinementCtx<Value>): void => {
    try {
      check(value);
    } catch (error) {
      if (!(error instanceof NotSupported)) throw error;
      context.addIssue({ code: 'custom', message: error.message, path: [...error.at] });
    }
  };

const path = z.string().superRefine(checked<string>(parsePath));
const expression = z.string().superRefine(checked<string>(parseExpression));
const resultPath = path.refine((text) => !text.startsWith('$$'), 'the context object cannot be written').nullable();
const json = z.json() as z.ZodType<Json>;
const payload = json.superRefine(checked<Json>((value) => checkPayload(value)));
const seconds = z.int().min(1).max(99_999_999);

const comment = { Comment: z.string().optional() };
const transition = { Next: z.string().optional(), End: z.boolean().optional() };
const inOut = { ...comment, InputPath: path.nullable().optional(), OutputPath: path.nullable().optional() };

const errorEquals = z
  .array(z.string())
  .min(1)
  .refine((names) => !names.includes('States.ALL') || names.length === 1, 'States.ALL must stand alone');
const retrier = z.strictObject({
  ...comment,
  ErrorEquals: errorEquals,
  IntervalSeconds: seconds.optional(),
  MaxAttempts: z.int().min(0).max(99_999_999).optional(),
  BackoffRate: z.number().min(1).optional(),
  MaxDelaySeconds: z.int().min(1).max(31_622_400).optional(),
  JitterStrategy: z.enum(['FULL', 'NONE']).optional(),
});
const catcher = z.strictObject({
  ...comment,
  ErrorEquals: errorEquals,
  Next: z.string(),
  ResultPath: resultPath.optional(),
});
const allLast = (rows: readonly { ErrorEquals: readonly string[] }[]) =>
  rows.slice(0, -1).every((row) => !row.ErrorEquals.includes('States.ALL'));
const ALL_LAST = 'States.ALL must come last';
const resultful = {
  ...inOut,
  ...transition,
  ResultSelector: payload.optional(),
  ResultPath: resultPath.optional(),
  Retry: z.array(retrier).refine(allLast, ALL_LAST).optional(),
  Catch: z.array(catcher).refine(allLast, ALL_LAST).optional(),
};

/** A state machine, a branch of a Parallel state, or what a Map state does with each item. */
export interface Scope {
  StartAt: string;
  States: Record<string, State>;
}
const states = () => z.record(z.string().min(1).max(80), state);
const branch: z.ZodType<Scope> = z.lazy(() => z.strictObject({ ...comment, StartAt: z.string(), States: states() }));
const processor: z.ZodType<Scope> = z.lazy(() =>
  z.strictObject({
    ...comment,
    ProcessorConfig: z.strictObject({ Mode: z.literal('INLINE').optional() }).optional(),
    StartAt: z.string(),
    States: states(),
  }),
);

const pass = z.strictObject({
  Type: z.literal('Pass'),
  ...inOut,
  ...transition,
  Result: json.optional(),
  Parameters: payload.optional(),
  ResultPath: resultPath.optional(),
});

/** How a Task state names its work: a Lambda call that answers at once, or one that hands a token on and waits. */
const RESOURCE = /^arn:[^:]+:states:::lambda:invoke(\.waitForTaskToken)?$/;
export const waitsForToken = (resource: string): boolean => resource.endsWith('.waitForTaskToken');
const call = z
  .strictObject({
    FunctionName: z.string().optional(),
    'FunctionName.$': expression.optional(),
    Payload: payload.optional(),
    'Payload.$': expression.optional(),
  })
  .refine((it) => (it.FunctionName === undefined) !== (it['FunctionName.$'] === undefined), 'it names one function')
  .transform((it) => it as JsonObject);
const task = z.strictObject({
  Type: z.literal('Task'),
  ...resultful,
  Resource: z.string().regex(RESOURCE, 'only arn:aws:states:::lambda:invoke, also with .waitForTaskToken, is run'),
  Parameters: call,
  TimeoutSeconds: seconds.optional(),
  TimeoutSecondsPath: path.optional(),
  HeartbeatSeconds: seconds.optional(),
});

const rule = z
  .looseObject({ ...comment, Next: z.string() })
  .superRefine(checked<unknown>((value) => checkRule(value)))
  .transform((it) => it as JsonObject & { Next: string });
const choice = z.strictObject({
  Type: z.literal('Choice'),
  ...inOut,
  Choices: z.array(rule).min(1),
  Default: z.string().optional(),
});

const wait = z.strictObject({
  Type: z.literal('Wait'),
  ...inOut,
  ...transition,
  Seconds: z.int().min(0).max(99_999_999).optional(),
  SecondsPath: path.optional(),
  Timestamp: z
    .string()
    .refine((text) => instantOf(text) !== undefined, 'a timestamp is written like 2026-01-31T09:00:00Z')
    .optional(),
  TimestampPath: path.optional(),
});

const succeed = z.strictObject({ Type: z.literal('Succeed'), ...inOut });
const fail = z.strictObject({
  Type: z.literal('Fail'),
  ...comment,
  Error: z.string().optional(),
  ErrorPath: expression.optional(),
  Cause: z.string().optional(),
  CausePath: expression.optional(),
});

const map = z.strictObject({
  Type: z.literal('Map'),
  ...resultful,
  ItemsPath: path.optional(),
  MaxConcurrency: z.int().min(0).optional(),
  ItemSelector: payload.optional(),
  Parameters: payload.optional(),
  ItemProcessor: processor.optional(),
  Iterator: processor.optional(),
});
const parallel = z.strictObject({
  Type: z.literal('Parallel'),
  ...resultful,
  Parameters: payload.optional(),
  Branches: z.array(branch).min(1),
});

const state = z.discriminatedUnion('Type', [pass, task, choice, wait, succeed, fail, map, parallel]);
export type State = z.infer<typeof state>;
export type TaskState = z.infer<typeof task>;
export type WaitState = z.infer<typeof wait>;
export type MapState = z.infer<typeof map>;
export type ParallelState = z.infer<typeof parallel>;
export type Retrier = z.infer<typeof retrier>;
export type Catcher = z.infer<typeof catcher>;

export const definition = z.strictObject({
  ...comment,
  Version: z.literal('1.0').optional(),
  QueryLanguage: z.literal('JSONPath').optional(),
  TimeoutSeconds: seconds.optional(),
  StartAt: z.string(),
  States: states(),
});
export type Definition = z.infer<typeof definition>;
