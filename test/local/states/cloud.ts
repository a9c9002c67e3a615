import { setImmediate as settled } from 'node:timers/promises';
import { DatabaseSync } from 'node:sqlite';
import { type Authorize, type Clock, FunctionError } from '#local/contract.ts';
import { startStates, type States } from '#local/states/start.ts';

/** What a function does when it is called: answers, throws an error type, or never answers. */
export type Answer = { gives: unknown } | { throws: string; message?: string } | 'hangs';
type FunctionCall = { fn: string; payload: unknown };

/** A clock that stands still unless it is moved. */
class TestClock implements Clock {
  #now = Date.parse('2026-01-01T00:00:00Z');
  #tasks: { instant: number; task: () => void }[] = [];
  now = () => this.#now;
  offset = () => 0;
  moveTo(instant: number) {
    this.#now = Math.max(this.#now, instant);
    for (const due of this.#tasks.filter((it) => it.instant <= this.#now)) {
      this.#tasks = this.#tasks.filter((it) => it !== due);
      due.task();
    }
  }
  at(instant: number, task: () => void) {
    const entry = { instant, task };
    this.#tasks.push(entry);
    return () => void (this.#tasks = this.#tasks.filter((it) => it !== entry));
  }
}

export const machineArn = (name: string) => `arn:aws:states:us-east-1:000000000000:stateMachine:${name}`;
export const executionArn = (machine: string, name: string) =>
  `arn:aws:states:us-east-1:000000000000:execution:${machine}:${name}`;

export type Cloud = {
  states: States;
  clock: Clock;
  db: DatabaseSync;
  calls: FunctionCall[];
  /** The latest token a function was given as `token` in its payload. */
  token(fn: string): string;
  /** Lets every answer that is there arrive. */
  settle(): Promise<void>;
  /** Moves the clock on, from one due instant to the next, settling at each. */
  pass(seconds: number): Promise<void>;
};
export type CloudOptions = {
  machines: Record<string, object>;
  answers?: Record<string, readonly Answer[]>;
  db?: DatabaseSync;
  clock?: Clock;
  authorize?: Authorize;
};

/** Step Functions alone, over scripted functions; the last answer of a function is repeated, none means null. */
export async function startCloud(options: CloudOptions): Promise<Cloud> {
  const { clock = new TestClock(), db = new DatabaseSync(':memory:'), answers = {}, machines } = options;
  const calls: FunctionCall[] = [];
  const invoke = async (arn: string, payload: unknown): Promise<unknown> => {
    const fn = arn.split(':').at(-1) ?? arn;
    calls.push({ fn, payload });
    const script = answers[fn] ?? [];
    const made = calls.filter((call) => call.fn === fn).length;
    const answer = script[Math.min(made, script.length) - 1] ?? { gives: null };
    if (answer === 'hangs') return new Promise(() => {});
    if ('throws' in answer) throw new FunctionError(answer.throws, answer.message ?? '', ['at handler']);
    return answer.gives;
  };
  const states = await startStates({
    machines: Object.entries(machines).map(([name, definition]) => ({
      arn: machineArn(name),
      name,
      role: 'MachineRole',
      definition: JSON.stringify(definition),
    })),
    db,
    clock,
    invoke,
    authorize: options.authorize ?? (() => {}),
    faults: { next: () => undefined },
    crash: () => {},
    log: () => {},
  });
  const settle = async () => {
    await settled();
  };
  return {
    states,
    clock,
    db,
    calls,
    token: (fn) => {
      const payload = calls.findLast((call) => call.fn === fn)?.payload as { token?: string } | undefined;
      if (!payload?.token) throw new Error(`${fn} has not been given a token`);
      return payload.token;
    },
    settle,
    pass: async (seconds) => {
      const target = clock.now() + seconds * 1000;
      for (let due = states.nextDue(); due !== undefined && due <= target; due = states.nextDue()) {
        clock.moveTo(due);
        await settle();
      }
      clock.moveTo(target);
      await settle();
    },
  };
}
