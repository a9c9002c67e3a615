import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { approvalTasks } from '#functions/approvals/tasks.ts';
import { failJob, jobTask } from '#shared/job-run.ts';
import { loadMachine } from '#local/states/machine.ts';
import { definitionOf } from './run.ts';

/** The package brings no types. */
const validate = createRequire(import.meta.url)('asl-validator') as (
  definition: object,
  options: { checkPaths: boolean; checkArn: boolean },
) => { isValid: boolean; errors: unknown[] };

type State = {
  Type: string;
  Resource?: string;
  Parameters?: { Payload?: { task?: string; token?: string; 'token.$'?: string } };
  Retry?: { ErrorEquals: string[]; MaxAttempts?: number; MaxDelaySeconds?: number; JitterStrategy?: string }[];
  Catch?: { ErrorEquals: string[]; Next: string }[];
  TimeoutSeconds?: number;
  TimeoutSecondsPath?: string;
};
const files = readdirSync(new URL('../../workflows', import.meta.url))
  .filter((file) => file.endsWith('.asl.json'))
  .map((file) => file.replace('.asl.json', ''));
const tasksOf = (workflow: string) =>
  Object.entries((definitionOf(workflow) as { States: Record<string, State> }).States).filter(
    ([, { Type }]) => Type === 'Task',
  );
const all = files.flatMap((workflow) =>
  tasksOf(workflow).map(([name, state]) => [`${workflow}: ${name}`, state] as const),
);

describe.each(files)('the workflow %s', (workflow) => {
  it('is Amazon States Language as AWS takes it', () => {
    const { isValid, errors } = validate(definitionOf(workflow), { checkPaths: true, checkArn: true });
    expect([isValid, errors]).toEqual([true, []]);
  });

  it('is run by the local cloud, with nothing left to substitute', () => {
    const text = JSON.stringify(definitionOf(workflow));
    expect(text).not.toContain('${');
    expect(Object.keys(loadMachine(workflow, text).States).length).toBeGreaterThan(0);
  });

  it('speaks of itself in sentences', () => {
    const { Comment, States } = definitionOf(workflow) as { Comment: string; States: Record<string, State> };
    expect(Comment.length).toBeGreaterThan(20);
    expect(Object.keys(States).filter((name) => !/^[A-Z][\w' ]*\??$/.test(name))).toEqual([]);
  });

  it('is named nowhere a function or account of its own', () => {
    const text = readFileSync(new URL(`../../workflows/${workflow}.asl.json`, import.meta.url), 'utf8');
    expect(text).not.toMatch(/arn:aws[^:]*:|\d{12}/);
  });
});

describe.each(all)('the step %s', (_, { Resource = '', Parameters, Retry = [], Catch = [], ...state }) => {
  it('is tried again whatever goes wrong, with growing pauses that do not fall together', () => {
    const last = Retry.find(({ ErrorEquals }) => ErrorEquals.includes('States.ALL'));
    expect(last).toMatchObject({ JitterStrategy: 'FULL' });
    expect([60, 600]).toContain(last?.MaxDelaySeconds);
    expect(last?.MaxAttempts).toBeGreaterThanOrEqual(6);
  });

  it('has an end to its waiting, and somewhere to go then where it waits for a person', () => {
    expect(state.TimeoutSeconds ?? state.TimeoutSecondsPath).toBeDefined();
    const waits = Resource.endsWith('.waitForTaskToken');
    if (waits) expect(Catch.map(({ ErrorEquals }) => ErrorEquals)).toEqual([['States.ALL']]);
    expect(Retry[0]?.ErrorEquals[0] === 'States.Timeout' && Retry[0].MaxAttempts === 0).toBe(waits);
    expect(Parameters?.Payload?.['token.$']).toBe(waits ? '$$.Task.Token' : undefined);
  });

  it('asks for a task that the function has', () => {
    const known = [...approvalTasks, jobTask([]), failJob].map(({ name }) => name);
    expect(known).toContain(Parameters?.Payload?.task);
  });
});
