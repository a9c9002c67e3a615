import * as z from 'zod';
import { ACCOUNT, type Authorize, type Faults, REGION } from '../contract.ts';
import { type Answer, AwsError, type Call, startFront } from '../front.ts';
import { type Schedule, ScheduleBody } from './schedule.ts';
import type { Scheduler } from './scheduler.ts';

export type SchedulerFrontOptions = {
  scheduler: Scheduler;
  /** The schedule groups of the template; `default` is always there. */
  groups: readonly string[];
  authorize: Authorize;
  faults: Faults;
  crash(worker: string): void;
  now(): number;
};

const ACTIONS: Record<string, string> = {
  POST: 'CreateSchedule',
  GET: 'GetSchedule',
  PUT: 'UpdateSchedule',
  DELETE: 'DeleteSchedule',
};
const NAME = /^[0-9a-zA-Z-_.]{1,64}$/;

/** Scheduler's REST API: schedules only; groups come from the template. */
export function startSchedulerFront(options: SchedulerFrontOptions): ReturnType<typeof startFront> {
  return startFront({
    service: 'scheduler',
    faults: options.faults,
    crash: options.crash,
    actionOf: ({ method, path }) => actionOf(method, new URL(path, 'http://local').pathname),
    handle: async (call) => json(handle(options, call)),
  });
}

function scheduleArn(group: string, name: string): string {
  return `arn:aws:scheduler:${REGION}:${ACCOUNT}:schedule/${group}/${name}`;
}

function actionOf(method: string, path: string): string {
  if (path === '/schedules') return 'ListSchedules';
  return (path.startsWith('/schedules/') && ACTIONS[method]) || `${method} ${path}`;
}

const json = (body: unknown): Answer => ({
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

function handle(options: SchedulerFrontOptions, call: Call): unknown {
  const url = new URL(call.path, 'http://local');
  const { scheduler, authorize } = options;
  if (call.action === 'ListSchedules') {
    authorize(call.caller, { action: 'scheduler:ListSchedules', resource: scheduleArn('*', '*') });
    return list(scheduler, url.searchParams);
  }
  const name = decodeURIComponent(url.pathname.slice('/schedules/'.length));
  if (!NAME.test(name)) throw invalid(`schedule name "${name}" must be 1 to 64 of the characters 0-9 a-z A-Z - _ .`);
  const body = call.body.length > 0 ? parseBody(call.body) : undefined;
  const group = body?.GroupName ?? url.searchParams.get('groupName') ?? 'default';
  authorize(call.caller, { action: `scheduler:${call.action}`, resource: scheduleArn(group, name) });
  if (body) {
    const context = { 'iam:PassedToService': ['scheduler.amazonaws.com'] };
    authorize(call.caller, { action: 'iam:PassRole', resource: body.Target.RoleArn, context });
  }
  return change(options, call.action, body, scheduler.get(group, name), { group, name });
}

function change(
  { scheduler, groups, now }: SchedulerFrontOptions,
  action: string,
  body: ScheduleBody | undefined,
  kept: Schedule | undefined,
  { group, name }: { group: string; name: string },
): unknown {
  const arn = scheduleArn(group, name);
  if (group !== 'default' && !groups.includes(group))
    throw new AwsError('ResourceNotFoundException', `Schedule group ${group} does not exist.`, 404);
  if (action === 'CreateSchedule' && body) {
    // The AWS client sends one token with every attempt of a call: an attempt whose answer was lost is not a conflict.
    if (kept && kept.body.ClientToken !== body.ClientToken)
      throw new AwsError('ConflictException', `Schedule ${name} already exists.`, 409);
    if (!kept) keep(scheduler, { group, name, arn, origin: 'api', created: now(), modified: now(), body });
    return { ScheduleArn: arn };
  }
  if (!kept) throw new AwsError('ResourceNotFoundException', `Schedule ${name} does not exist.`, 404);
  if (action === 'GetSchedule') return described(kept);
  if (action === 'DeleteSchedule') {
    scheduler.remove(group, name);
    return {};
  }
  if (action !== 'UpdateSchedule' || !body) throw invalid(`Scheduler here does not know ${action}`);
  keep(scheduler, { ...kept, modified: now(), body });
  return { ScheduleArn: arn };
}

function keep(scheduler: Scheduler, schedule: Schedule): void {
  try {
    scheduler.put(schedule);
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : String(error));
  }
}

function parseBody(bytes: Buffer): ScheduleBody {
  const parsed = ScheduleBody.safeParse(JSON.parse(bytes.toString()));
  if (!parsed.success) throw invalid(z.prettifyError(parsed.error));
  return parsed.data;
}

function described({ arn, group, name, created, modified, body }: Schedule): unknown {
  const { ClientToken: _, ...said } = body;
  const dates = { CreationDate: created / 1000, LastModificationDate: modified / 1000 };
  return { ...said, ...dates, Arn: arn, GroupName: group, Name: name };
}

function list(scheduler: Scheduler, query: URLSearchParams): unknown {
  const group = query.get('ScheduleGroup');
  const from = Number(query.get('NextToken') ?? 0);
  const to = from + Number(query.get('MaxResults') ?? 100);
  const found = scheduler
    .list()
    .filter((each) => each.origin !== 'rule' && (group === null || each.group === group))
    .filter(({ name, body }) => name.startsWith(query.get('NamePrefix') ?? '') && isIn(query.get('State'), body.State));
  const Schedules = found.slice(from, to).map(({ arn, group: GroupName, name, created, modified, body }) => ({
    Arn: arn,
    GroupName,
    Name: name,
    State: body.State,
    CreationDate: created / 1000,
    LastModificationDate: modified / 1000,
    Target: { Arn: body.Target.Arn },
  }));
  return { Schedules, ...(found.length > to && { NextToken: String(to) }) };
}

const isIn = (wanted: string | null, state: string): boolean => wanted === null || wanted === state;

function invalid(message: string): AwsError {
  return new AwsError('ValidationException', message, 400);
}
