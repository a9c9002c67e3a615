import {
  ConflictException,
  CreateScheduleCommand,
  DeleteScheduleCommand,
  ResourceNotFoundException,
  SchedulerClient,
  UpdateScheduleCommand,
} from '@aws-sdk/client-scheduler';
import * as z from 'zod';
import { readEnv } from '#shared/env.ts';
import { epochOf, type Instant, instantOf } from '#shared/time.ts';
import { clientDefaults } from './defaults.ts';

const Env = z.object({
  SCHEDULE_GROUP: z.string(),
  SCHEDULE_ROLE_ARN: z.string(),
  SCHEDULE_TARGET_ARN: z.string(),
  SCHEDULE_DEAD_ARN: z.string(),
});
/** How often a schedule that others make, run out or remove at the same moment is tried anew. */
const TRIES = 4;

let client: SchedulerClient | undefined;
const clock = (): SchedulerClient => (client ??= new SchedulerClient(clientDefaults()));

/**
 * Calls the function `schedule` once with `input`, at this moment or up to a minute later: makes the schedule, or moves the
 * one of this name. It is gone when it ran; what could not be called lies among the dead letters. `name` is 1 to 64 of
 * 0-9 a-z A-Z - _ and dot; `at` must lie ahead.
 */
export async function putOnce(name: string, at: Instant, input: Readonly<Record<string, unknown>>): Promise<void> {
  const env = readEnv(Env);
  const wanted = {
    Name: name,
    GroupName: env.SCHEDULE_GROUP,
    ScheduleExpression: `at(${upToSeconds(at)})`,
    FlexibleTimeWindow: { Mode: 'OFF' as const },
    ActionAfterCompletion: 'DELETE' as const,
    Target: {
      Arn: env.SCHEDULE_TARGET_ARN,
      RoleArn: env.SCHEDULE_ROLE_ARN,
      Input: JSON.stringify(input),
      DeadLetterConfig: { Arn: env.SCHEDULE_DEAD_ARN },
      RetryPolicy: { MaximumRetryAttempts: 3, MaximumEventAgeInSeconds: 600 },
    },
  };
  // The client gives all attempts of one call one token: an attempt whose answer was lost is not a conflict.
  const create = () => clock().send(new CreateScheduleCommand(wanted));
  const update = () => clock().send(new UpdateScheduleCommand(wanted));
  for (let tries = 1; ; tries += 1) {
    try {
      await (tries % 2 === 1 ? create() : update());
      return;
    } catch (error) {
      const meanwhile = error instanceof ConflictException || error instanceof ResourceNotFoundException;
      if (!meanwhile || tries === TRIES) throw error;
    }
  }
}

/** Takes a one-time schedule away; one that is not there has run, or never was: that is done as well. */
export async function removeOnce(name: string): Promise<void> {
  const { SCHEDULE_GROUP: GroupName } = readEnv(Env);
  try {
    await clock().send(new DeleteScheduleCommand({ Name: name, GroupName }));
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException)) throw error;
  }
}

/** Scheduler knows whole seconds: the next one, since nothing may be called early. */
const upToSeconds = (at: Instant): string => instantOf(Math.ceil(epochOf(at) / 1000) * 1000).slice(0, 19);
