import { randomUUID } from 'node:crypto';
import { ACCOUNT, REGION } from '../contract.ts';
import type { Schedule } from './schedule.ts';

/** What the target of a schedule gets: its Input with `<aws.scheduler.*>` filled in, else AWS's scheduled event. */
export function scheduledEvent({ arn, origin, body }: Schedule, at: number): unknown {
  const time = `${new Date(at).toISOString().slice(0, 19)}Z`;
  if (body.Target.Input !== undefined) return parsed(fill(body.Target.Input, arn, time));
  const byRule = origin === 'rule';
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'Scheduled Event',
    source: byRule ? 'aws.events' : 'aws.scheduler',
    account: ACCOUNT,
    time,
    region: REGION,
    resources: [arn],
    detail: byRule ? {} : '{}',
  };
}

function fill(input: string, arn: string, time: string): string {
  const values: Record<string, string> = {
    'schedule-arn': arn,
    'scheduled-time': time,
    'execution-id': randomUUID(),
    'attempt-number': '1',
  };
  return input.replaceAll(/<aws\.scheduler\.([\w-]+)>/g, (whole, name: string) => values[name] ?? whole);
}

/** A target's input is JSON; text that is not JSON is handed over as text. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
