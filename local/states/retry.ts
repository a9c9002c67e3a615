import type { Catcher, Retrier } from './definition.ts';
import type { StatesError } from './error.ts';

const TIMEOUTS = new Set(['States.Timeout', 'States.HeartbeatTimeout']);
/** What no wildcard matches; a runtime error always ends the execution. */
const TERMINAL = new Set(['States.DataLimitExceeded', 'States.Runtime']);

/** Whether ErrorEquals names the error, itself or by a wildcard. */
function namesError(errorEquals: readonly string[], error: StatesError): boolean {
  if (error.name === 'States.Runtime') return false;
  return errorEquals.some((name) => {
    if (name === error.name) return true;
    if (name === 'States.Timeout') return TIMEOUTS.has(error.name);
    if (TERMINAL.has(error.name)) return false;
    return name === 'States.ALL' || (name === 'States.TaskFailed' && !TIMEOUTS.has(error.name));
  });
}

export const catcherOf = (rows: readonly Catcher[] | undefined, error: StatesError): Catcher | undefined =>
  rows?.find((row) => namesError(row.ErrorEquals, error));

/**
 * How many milliseconds to wait before the state is tried again, undefined when it is not.
 * `attempts` counts the retries of each row so far and is counted on.
 */
export function nextRetry(
  rows: readonly Retrier[] | undefined,
  attempts: number[],
  error: StatesError,
  random: () => number = Math.random,
): number | undefined {
  const index = rows?.findIndex((row) => namesError(row.ErrorEquals, error)) ?? -1;
  const row = rows?.[index];
  const made = attempts[index] ?? 0;
  if (!row || made >= (row.MaxAttempts ?? 3)) return undefined;
  attempts[index] = made + 1;
  const backoff = (row.IntervalSeconds ?? 1) * (row.BackoffRate ?? 2) ** made;
  const delay = Math.min(backoff, row.MaxDelaySeconds ?? Infinity) * 1000;
  return row.JitterStrategy === 'FULL' ? delay * random() : delay;
}
