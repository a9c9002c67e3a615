import type { Clock, FunctionError, Log } from '../contract.ts';
import type { LambdaFunction, Line } from './environment.ts';

/** What a status page shows of a function. Durations in ms, instants in epoch ms; `lines` is the newest output, oldest first. */
export type FunctionStatus = {
  id: string;
  name: string;
  running: number;
  invocations: number;
  errors: number;
  lastMs: number;
  maxMs: number;
  lastError?: { at: number; type: string; message: string };
  lines: Record<string, unknown>[];
};
export type Journal = {
  line(fn: LambdaFunction, line: Line): void;
  /** Opens an invocation; call the answer with its error, or with nothing. */
  begin(fn: LambdaFunction): (error?: FunctionError) => void;
  list(): FunctionStatus[];
};

const KEPT_LINES = 200;

/** Counts and remembers what functions do, in memory; every line of output goes to the log too. */
export function startJournal(functions: readonly LambdaFunction[], clock: Clock, log: Log): Journal {
  const byId = new Map<string, FunctionStatus>(
    functions.map(({ id, name }) => [
      id,
      { id, name, running: 0, invocations: 0, errors: 0, lastMs: 0, maxMs: 0, lines: [] },
    ]),
  );
  const of = (fn: LambdaFunction): FunctionStatus => {
    const status = byId.get(fn.id);
    if (!status) throw new Error(`${fn.name} is not a function of this cloud`);
    return status;
  };
  return {
    list: () => [...byId.values()],
    line(fn, line) {
      const entry = { function: fn.name, requestId: line.requestId, ...parsed(line) };
      const { lines } = of(fn);
      lines.push({ at: clock.now(), ...entry });
      if (lines.length > KEPT_LINES) lines.shift();
      log(entry);
    },
    begin(fn) {
      const status = of(fn);
      const started = performance.now();
      status.invocations += 1;
      status.running += 1;
      return (error) => {
        status.running -= 1;
        status.lastMs = Math.round(performance.now() - started);
        status.maxMs = Math.max(status.maxMs, status.lastMs);
        if (!error) return;
        status.errors += 1;
        status.lastError = { at: clock.now(), type: error.errorType, message: error.message };
        log({
          level: 'ERROR',
          function: fn.name,
          message: error.message,
          errorType: error.errorType,
          trace: error.trace,
        });
      };
    },
  };
}

/** Structured loggers write one JSON object a line; everything else is a message. */
function parsed({ level, text }: Line): Record<string, unknown> {
  if (text.startsWith('{'))
    try {
      return JSON.parse(text) as Record<string, unknown>;
    } catch {
      // not JSON after all: a message like any other
    }
  return { level: level === 'log' ? 'INFO' : level.toUpperCase(), message: text };
}
