import {
  InvalidToken,
  SFNClient,
  SendTaskSuccessCommand,
  StartExecutionCommand,
  TaskDoesNotExist,
  TaskTimedOut,
  ExecutionAlreadyExists,
} from '@aws-sdk/client-sfn';
import { clientDefaults } from './defaults.ts';

/** Name of a workflow file → environment variable with the ARN of its state machine. */
export const workflowVariable = (workflow: string): string => `WORKFLOW_${workflow.replaceAll('-', '_').toUpperCase()}`;

let client: SFNClient | undefined;
const runs = (): SFNClient => (client ??= new SFNClient(clientDefaults()));

/** What every run carries on to the events and log lines of its tasks. */
type Because = { requestId: string; cause: { id: string; depth: number } };

/**
 * Starts a run under a name that can be used once: a second start of the same run is the same start.
 * Only `events` may do this. `name` ≤ 80 characters.
 */
export async function startRun(
  workflow: string,
  name: string,
  because: Because,
  input: Record<string, unknown>,
): Promise<void> {
  const stateMachineArn = process.env[workflowVariable(workflow)];
  if (stateMachineArn === undefined) throw new Error(`${workflowVariable(workflow)} is not set.`);
  try {
    await runs().send(
      new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify({ ...input, ...because }) }),
    );
  } catch (error) {
    if (!(error instanceof ExecutionAlreadyExists)) throw error;
  }
}

/** Gives a waiting run its answer. A run that no longer waits has been answered or ended: that is done as well. */
export async function resumeRun(taskToken: string, output: Record<string, unknown>): Promise<void> {
  try {
    await runs().send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(output) }));
  } catch (error) {
    if (error instanceof TaskTimedOut || error instanceof InvalidToken || error instanceof TaskDoesNotExist) return;
    throw error;
  }
}
