import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { onTestFinished } from 'vitest';
import { ACCOUNT, type Access, AccessDenied, type Clock, type Faults, REGION } from '#local/contract.ts';
import type { LambdaFunction } from '#local/lambda/environment.ts';
import { type Lambda, type LambdaOptions, startLambda } from '#local/lambda/start.ts';

/** A clock that stands still until it is moved; alarms run, in order, as it passes them. */
export function stillClock(start = Date.UTC(2026, 0, 5, 9)): Clock {
  let now = start;
  const alarms = new Set<{ instant: number; task(): void }>();
  return {
    now: () => now,
    offset: () => now - Date.now(),
    at(instant, task) {
      const alarm = { instant, task };
      alarms.add(alarm);
      return () => void alarms.delete(alarm);
    },
    moveTo(instant) {
      for (;;) {
        const next = [...alarms].sort((a, b) => a.instant - b.instant)[0];
        if (!next || next.instant > instant) break;
        alarms.delete(next);
        now = Math.max(now, next.instant);
        next.task();
      }
      now = instant;
    },
  };
}

/** A directory that goes away with the test. */
export function tempDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'local-cloud-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

export function memoryDb(): DatabaseSync {
  const db = new DatabaseSync(':memory:');
  onTestFinished(() => db.close());
  return db;
}

/** A function whose code is `source`, an ES module that exports `handler`. */
export function functionOf(name: string, source: string, rest: Partial<LambdaFunction> = {}): LambdaFunction {
  const dir = rest.dir ?? tempDir();
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, `${name}.mjs`), source);
  return {
    id: name,
    name: `app-${name}`,
    arn: `arn:aws:lambda:${REGION}:${ACCOUNT}:function:app-${name}`,
    role: `${name}Role`,
    dir,
    handler: `${name}.handler`,
    timeout: 20,
    memory: 128,
    env: {},
    ...rest,
  };
}

export const noFaults: Faults = { next: () => undefined };

/** Grants what is listed as `caller action resource`, refuses everything else, and remembers what was asked. */
export function grants(...allowed: readonly string[]) {
  const asked: string[] = [];
  const authorize = (caller: string, { action, resource }: Access): void => {
    const line = `${caller} ${action} ${resource}`;
    asked.push(line);
    if (!allowed.includes(line)) throw new AccessDenied(`${line}: not granted`);
  };
  return { authorize, asked };
}

/** Lambda with everything allowed, on a still clock and in memory unless told; stopped when the test ends. */
export async function lambdaOf(options: Partial<LambdaOptions> & Pick<LambdaOptions, 'functions'>): Promise<Lambda> {
  const lambda = await startLambda({
    clock: stillClock(),
    db: options.db ?? memoryDb(),
    log: () => undefined,
    authorize: () => undefined,
    faults: noFaults,
    ...options,
  });
  onTestFinished(() => lambda.stop());
  return lambda;
}
