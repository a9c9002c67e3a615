import * as z from 'zod';
import { AwsError } from '../front.ts';
import { CAUSE_LIMIT } from './call.ts';
import { DATA_LIMIT, type Json } from './json.ts';

/** The requests of the Step Functions API that are served, with AWS's limits. */

const machineArn = z.string().min(1).max(256);
const executionArn = z.string().min(1).max(256);
const data = z.string().refine((text) => Buffer.byteLength(text) <= DATA_LIMIT, `longer than ${DATA_LIMIT} bytes`);
const token = z.string().min(1).max(2048);
const failure = { error: z.string().max(256).optional(), cause: z.string().max(CAUSE_LIMIT).optional() };
const page = {
  maxResults: z.int().min(0).max(1000).default(0),
  nextToken: z.string().regex(/^\d+$/, 'not a token this service gave out').default('0'),
};

export const requests = {
  StartExecution: z.object({
    stateMachineArn: machineArn,
    name: z.string().min(1).max(80).optional(),
    input: data.default('{}'),
  }),
  DescribeExecution: z.object({ executionArn }),
  StopExecution: z.object({ executionArn, ...failure }),
  GetExecutionHistory: z.object({ executionArn, reverseOrder: z.boolean().default(false), ...page }),
  ListExecutions: z.object({
    stateMachineArn: machineArn,
    statusFilter: z.enum(['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED']).optional(),
    ...page,
  }),
  ListStateMachines: z.object(page),
  DescribeStateMachine: z.object({ stateMachineArn: machineArn }),
  SendTaskSuccess: z.object({ taskToken: token, output: data }),
  SendTaskFailure: z.object({ taskToken: token, ...failure }),
  SendTaskHeartbeat: z.object({ taskToken: token }),
};
export type Requests = { [Action in keyof typeof requests]: z.output<(typeof requests)[Action]> };

/** @throws AwsError ValidationException naming every field that does not fit */
export function readRequest<Action extends keyof Requests>(action: Action, body: Buffer): Requests[Action] {
  const parsed = requests[action].safeParse(readJson(body.toString() || '{}', 'SerializationException'));
  if (parsed.success) return parsed.data as Requests[Action];
  const faults = parsed.error.issues.map(({ path, message }) => `Value at '${path.join('.')}': ${message}`);
  throw new AwsError(
    'ValidationException',
    `${faults.length} validation error${faults.length === 1 ? '' : 's'} detected: ${faults.join('; ')}`,
  );
}

/** @throws AwsError of the given type */
export function readJson(text: string, type: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    throw new AwsError(type, `Invalid JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** @throws AwsError InvalidName for what AWS does not take in the name of an execution */
export function checkName(name: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (!/[\s<>{}[\]?*"#%\\^|~`$&,;:/\u0000-\u001f\u007f-\u009f]/.test(name)) return name;
  throw new AwsError('InvalidName', `Invalid Name: '${name}'`);
}
