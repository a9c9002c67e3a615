import { readFileSync } from 'node:fs';
import { SendTaskSuccessCommand } from '@aws-sdk/client-sfn';
import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '#local/contract.ts';
import { clientOf, describeExecution, statesEntered } from '#test/local/states/client.ts';
import { type Answer, type Cloud, executionArn, machineArn, startCloud } from '#test/local/states/cloud.ts';

/** The definition in a file of `workflows`, with every substitution made. */
export const definitionOf = (workflow: string): object =>
  JSON.parse(
    readFileSync(new URL(`../../workflows/${workflow}.asl.json`, import.meta.url), 'utf8')
      .replaceAll('${Partition}', 'aws')
      .replaceAll('${Tasks}', 'arn:aws:lambda:us-east-1:000000000000:function:tasks')
      .replaceAll('${Imports}', 'arn:aws:lambda:us-east-1:000000000000:function:imports'),
  ) as object;

type Asked = { task: string; token?: string; requestId: string; input: { round?: number; [name: string]: unknown } };
export type Run = {
  cloud: Cloud;
  /** What the tasks were asked for, in order. */
  asked(): Asked[];
  /** Names of the tasks they were asked for, with the round where there is one. */
  steps(): string[];
  /** Gives the run that waits its answer. */
  answer(output: unknown): Promise<void>;
  outcome(): Promise<{ status: string | undefined; output?: unknown; error?: string }>;
  entered(): Promise<string[]>;
};

/** A run of a workflow over scripted tasks: the answers are given in the order of the calls, the last is repeated. */
export async function runOf(
  workflow: string,
  options: {
    input?: object;
    answers?: readonly Answer[];
    imports?: readonly Answer[];
    db?: DatabaseSync;
    clock?: Clock;
  } = {},
): Promise<Run> {
  const { input, answers = [], imports = [], ...where } = options;
  const cloud = await startCloud({
    machines: { [workflow]: definitionOf(workflow) },
    answers: { tasks: answers, imports },
    ...where,
  });
  if (input) cloud.states.start(machineArn(workflow), input, 'run');
  else cloud.states.resume();
  await cloud.settle();
  const arn = executionArn(workflow, 'run');
  const asked = () => cloud.calls.map(({ payload }) => payload as Asked);
  return {
    cloud,
    asked,
    steps: () => asked().map(({ task, input: given }) => (given.round === undefined ? task : `${task} ${given.round}`)),
    answer: async (output) => {
      const taskToken = cloud.token('tasks');
      await clientOf(cloud).send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(output) }));
      await cloud.settle();
    },
    outcome: async () => {
      const { status, output, error } = await describeExecution(clientOf(cloud), arn);
      return { status, ...(output && { output: JSON.parse(output) as unknown }), ...(error && { error }) };
    },
    entered: () => statesEntered(clientOf(cloud), arn),
  };
}
