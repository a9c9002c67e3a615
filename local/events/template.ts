import * as z from 'zod';
import type { Resource } from '../contract.ts';
import type { Rule } from './bus.ts';
import { compilePattern } from './pattern.ts';
import { type Schedule, ScheduleBody } from './schedule.ts';

const Target = z.strictObject({
  Id: z.string(),
  Arn: z.string().startsWith('arn:aws:lambda:', 'rules of the local cloud call Lambda functions only'),
  Input: z.string().optional(),
  InputPath: z.string().optional(),
  InputTransformer: z
    .strictObject({ InputPathsMap: z.record(z.string(), z.string()).optional(), InputTemplate: z.string() })
    .optional(),
  DeadLetterConfig: z.strictObject({ Arn: z.string().optional() }).optional(),
  RetryPolicy: z
    .strictObject({ MaximumEventAgeInSeconds: z.number().optional(), MaximumRetryAttempts: z.number().optional() })
    .optional(),
});
const RuleProps = z.strictObject({
  Name: z.string().optional(),
  Description: z.string().optional(),
  EventBusName: z.string().default('default'),
  EventPattern: z.unknown().optional(),
  ScheduleExpression: z.string().optional(),
  State: z.enum(['ENABLED', 'DISABLED']).default('ENABLED'),
  Targets: z.array(Target).default([]),
  Tags: z.unknown().optional(),
});

/** What the template says about events and schedules. @throws when it says what the local cloud does not do */
export function eventsOf(resources: readonly Resource[], now: number) {
  const rules: Rule[] = [];
  const schedules: Schedule[] = [];
  for (const resource of resources)
    if (resource.type === 'AWS::Events::Rule') {
      const props = parse(RuleProps, resource, resource.props);
      if (props.EventPattern !== undefined && props.State === 'ENABLED') rules.push(ruleOf(resource, props));
      if (props.ScheduleExpression !== undefined) schedules.push(...ruleSchedules(resource, props, now));
    } else if (resource.type === 'AWS::Scheduler::Schedule') schedules.push(scheduleOf(resource, now));
  const namesOf = (wanted: string) => resources.filter(({ type }) => type === wanted).map(({ name }) => name);
  const [buses, groups] = [namesOf('AWS::Events::EventBus'), namesOf('AWS::Scheduler::ScheduleGroup')];
  return { rules, schedules, buses, groups };
}

function ruleOf({ id, name, arn }: Resource, props: z.infer<typeof RuleProps>): Rule {
  const bus = props.EventBusName.split('/').at(-1) ?? 'default';
  return {
    name,
    arn,
    bus,
    matches: compilePattern(props.EventPattern, `pattern of rule ${id}`),
    targets: props.Targets,
  };
}

/** A rule by time is one schedule a target, in UTC, in a group of its own. */
function ruleSchedules({ name, arn }: Resource, props: z.infer<typeof RuleProps>, now: number): Schedule[] {
  const { ScheduleExpression = '', State } = props;
  return props.Targets.map(({ Id, Arn, Input, DeadLetterConfig }) => {
    const target = { Arn, RoleArn: '', Input, DeadLetterConfig };
    const body = ScheduleBody.parse({
      ScheduleExpression,
      State,
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: target,
    });
    return { group: `rule ${name}`, name: Id, arn, origin: 'rule' as const, created: now, modified: now, body };
  });
}

function scheduleOf(resource: Resource, now: number): Schedule {
  const { Name: _name, Tags: _tags, ...said } = resource.props;
  const body = parse(ScheduleBody, resource, said);
  const { name, arn } = resource;
  return { group: body.GroupName, name, arn, origin: 'template', created: now, modified: now, body };
}

function parse<T extends z.ZodType>(schema: T, { id, type }: Resource, props: unknown): z.infer<T> {
  const parsed = schema.safeParse(props);
  if (parsed.success) return parsed.data;
  throw new Error(`${type} ${id}: the local cloud cannot do what it says: ${z.prettifyError(parsed.error)}`);
}
