import * as z from 'zod';
import type { Cloud } from '../cloud.ts';
import { type Fault, REGION } from '../contract.ts';
import { Faults, Meter, MoveClock, Nothing, Rough, Settle, Token } from './request.ts';
import { lengthOf } from './settle.ts';

/** A request to the control port that cannot be served; `status` as in HTTP. */
export class ControlError extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

type Asked = { query: URLSearchParams; body: unknown; id: string };
type Answer = (cloud: Cloud, asked: Asked) => unknown;

function read<T extends z.ZodType>(schema: T, body: unknown): z.output<T> {
  const parsed = schema.safeParse(body ?? {});
  if (parsed.success) return parsed.data;
  throw new ControlError(400, z.prettifyError(parsed.error));
}

const clockOf = (cloud: Cloud) => {
  const { clock } = cloud.installation();
  return { now: new Date(clock.now()).toISOString(), epochMs: clock.now(), aheadMs: clock.offset() };
};

/** `METHOD /place` of the control port to what it answers. */
export const answers: Readonly<Record<string, Answer>> = {
  'GET /status': (cloud) => cloud.status(),
  'POST /settle': async (cloud, { body }) => {
    const pending = await cloud.settle(read(Settle, body).timeoutMs);
    return { settled: Object.keys(pending).length === 0, pending };
  },
  'GET /clock': clockOf,
  'POST /clock': async (cloud, { body }) => {
    const asked = read(MoveClock, body);
    const now = cloud.installation().clock.now();
    const pending = await cloud.moveClock(targetOf(asked, now), asked.timeoutMs);
    return { ...clockOf(cloud), settled: Object.keys(pending).length === 0, pending };
  },
  'POST /reset': async (cloud, { body }) => {
    read(Nothing, body);
    await cloud.restart({ empty: true });
    return {};
  },
  'POST /rough': async (cloud, { body }) => {
    const { seed } = read(Rough, body);
    await cloud.restart({ rough: seed ?? undefined });
    return { seed };
  },
  'GET /fail': (cloud) => cloud.faults.left(),
  'POST /fail': (cloud, { body }) => {
    cloud.faults.plan(read(Faults, body) as Fault[]);
    return cloud.faults.left();
  },
  'DELETE /fail': (cloud) => {
    cloud.faults.clear();
    return [];
  },
  'GET /inbox': (cloud, { query }) => {
    const to = query.get('to');
    return cloud.installation().mail.inbox.list({ limit: 1000, ...(to === null ? {} : { to }) });
  },
  'GET /inbox/{id}': async (cloud, { id }) => {
    const letter = await cloud.installation().mail.inbox.read(id);
    if (!letter) throw new ControlError(404, `There is no letter ${id}.`);
    const attachments = letter.attachments.map(({ content, ...rest }) => ({
      ...rest,
      content: content.toString('base64'),
    }));
    return { ...letter, attachments };
  },
  /** What is needed to run a function outside, as the bench does: its folder, and the environment it is given here. */
  'GET /functions/{id}': (cloud, { id }) => {
    const { lambda, env } = cloud.installation();
    const { name } = lambda.functions().find((one) => one.id.startsWith(id)) ?? { name: id };
    const found = lambda.find(name);
    const keys = { AWS_REGION: REGION, AWS_ACCESS_KEY_ID: found.role, AWS_SECRET_ACCESS_KEY: 'local' };
    return { dir: found.dir, env: { ...env, ...found.env, ...keys } };
  },
  'POST /token': async (cloud, { body }) => ({ token: await cloud.token(read(Token, body)).catch(asRefusal) }),
  'GET /meter': (cloud) => cloud.installation().dynamo.meter.totals(),
  'POST /meter': (cloud, { body }) => {
    const { label, clear } = read(Meter, body);
    const { meter } = cloud.installation().dynamo;
    if (clear) meter.clear();
    if (label !== undefined) meter.label(label ?? undefined);
    return meter.totals();
  },
};

function targetOf(asked: z.output<typeof MoveClock>, now: number): number {
  if ('advanceBy' in asked) {
    const length = lengthOf(asked.advanceBy);
    if (length === undefined) throw new ControlError(400, 'advanceBy is milliseconds, or text like 90s, 30m, 4h, 3d.');
    return now + length;
  }
  const target = typeof asked.advanceTo === 'number' ? asked.advanceTo : Date.parse(asked.advanceTo);
  if (target < now) throw new ControlError(400, `The clock only moves forward; it is ${new Date(now).toISOString()}.`);
  return target;
}

const asRefusal = (error: unknown): never => {
  throw new ControlError(404, error instanceof Error ? error.message : String(error));
};
