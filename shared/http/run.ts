import { Command, run, type Outcome } from '#shared/command.ts';
import { refuse } from '#shared/errors.ts';
import { hashOf } from '#shared/json.ts';
import type { User } from '#shared/user.ts';
import { nameOf, type Call, type Route } from './route.ts';

export type Done = { kind: 'outcome'; outcome: Outcome } | { kind: 'value'; value: unknown };

type Running = {
  route: Route;
  request: Call & { params: Record<string, string>; body: unknown };
  user: User | undefined;
  /** Until when a command may be tried, epoch ms. */
  deadline: number;
};

/** Runs the command a route returned, or passes its value on. */
export async function runHttp(acted: unknown, { route, request, user, deadline }: Running): Promise<Done> {
  if (!(acted instanceof Command)) return { kind: 'value', value: acted };
  const key = request.header('idempotency-key');
  if (key !== undefined && (key.length === 0 || key.length > 255)) {
    throw refuse('invalid', {}, [
      { pointer: '/header/Idempotency-Key', code: 'too_big', detail: '1 to 255 characters' },
    ]);
  }
  const outcome = await run(acted, {
    now: request.now,
    by: request.by,
    requestId: request.requestId,
    via: nameOf(route),
    deadline,
    once:
      key === undefined || !user
        ? undefined
        : {
            principal: user.key?.id ?? user.id,
            key,
            hash: hashOf([route.method, route.path, request.params, request.body ?? null]),
            days: 2,
          },
  });
  return { kind: 'outcome', outcome };
}
