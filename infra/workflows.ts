import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Aws, Validations } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { DefinitionBody, LogLevel, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { acceptWildcards } from './acknowledge.ts';
import { logGroup } from './logs.ts';

const SUFFIX = '.asl.json';

/** A state machine for each `<name>.asl.json` in the folder; its steps are tasks of the functions it names. */
export function workflows(
  scope: Construct,
  folder: string,
  { tasks, imports }: Readonly<Record<'tasks' | 'imports', IFunction>>,
  logDays: number,
): Record<string, StateMachine> {
  const names = (existsSync(folder) ? readdirSync(folder) : [])
    .filter((file) => file.endsWith(SUFFIX))
    .map((file) => file.slice(0, -SUFFIX.length))
    .sort();
  if (names.length === 0) return {};
  const logs = logGroup(scope, 'WorkflowLogs', logDays, {
    // The prefix keeps the account's one policy for log deliveries from growing with every machine.
    logGroupName: `/aws/vendedlogs/states/${Aws.STACK_NAME}`,
  });
  const arns = { Tasks: tasks.functionArn, Imports: imports.functionArn };
  const machine = (name: string): StateMachine => {
    const id = `${pascal(name)}Workflow`;
    const text = readFileSync(join(folder, name + SUFFIX), 'utf8');
    const role = new Role(scope, `${id}Role`, { assumedBy: new ServicePrincipal('states.amazonaws.com') });
    const resources = Object.entries(arns).flatMap(([word, arn]) => (text.includes(`\${${word}}`) ? [arn] : []));
    if (resources.length > 0) role.addToPolicy(new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources }));
    const made = new StateMachine(scope, id, {
      definitionBody: DefinitionBody.fromString(text),
      definitionSubstitutions: { Partition: Aws.PARTITION, ...arns },
      role,
      logs: { destination: logs, level: LogLevel.ERROR, includeExecutionData: false },
    });
    acceptWildcards(role, 'Log deliveries of Step Functions know no resources.', 'Resource::*');
    Validations.of(made).acknowledge(
      {
        id: 'AwsSolutions-SF1',
        reason: 'Every step leaves its trace in the table and in the console of AWS; only errors are logged.',
      },
      { id: 'AwsSolutions-SF2', reason: 'No X-Ray: the story of a record is in its events.' },
    );
    return made;
  };
  return Object.fromEntries(names.map((name) => [name, machine(name)]));
}

const pascal = (name: string): string =>
  name
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
