import type { Answer } from '../cloud.ts';

/** What happens to a waiting execution: seconds pass, or a function's token is used. */
export type Act =
  | number
  | { succeeds: string; output: unknown }
  | { fails: string; error?: string; cause?: string }
  | { beats: string };

/** One row of the conformance table: a definition and what AWS makes of it. */
export type Case = {
  it: string;
  machine: object;
  input?: unknown;
  /** Answers by function, in the order of its calls; the last one repeats. */
  answers?: Record<string, readonly Answer[]>;
  acts?: readonly Act[];
  ends: { status: string; output?: unknown; error?: string };
  /** A part of the cause. */
  cause?: string;
  /** The states entered, in order. */
  path?: readonly string[];
  /** The functions called, in order. */
  calls?: readonly string[];
};

export const gives = (output: unknown): Case['ends'] => ({ status: 'SUCCEEDED', output });
export const failsWith = (error: string): Case['ends'] => ({ status: 'FAILED', error });
export const running: Case['ends'] = { status: 'RUNNING' };
