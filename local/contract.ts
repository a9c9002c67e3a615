/** What the services of the local cloud promise each other. Every instant is epoch milliseconds. */

/** Time as the cloud sees it: real time plus an offset that `advance` moves forward; the offset survives a restart. */
export type Clock = {
  now(): number;
  /** How far ahead of real time; workers add it to their own Date. */
  offset(): number;
  moveTo(instant: number): void;
  /** Runs `task` once when the clock reaches `instant` (also when it is moved there); returns a cancel. */
  at(instant: number, task: () => void): () => void;
};

/** One running part. `settle` waits until nothing is pending anywhere; `advance` goes from one `nextDue` to the next. */
export type Service = {
  name: string;
  /** Work accepted and not finished: in flight, queued, waiting for a retry that is due now. */
  pending(): number;
  /** The earliest future instant at which this service will act by itself, if any. */
  nextDue(): number | undefined;
  stop(): Promise<void>;
};

/** What a request asks leave for: `action` like `dynamodb:PutItem`, `resource` an ARN, `context` condition keys to values. */
export type Access = { action: string; resource: string; context?: Record<string, readonly string[]> };

/**
 * Refuses what the caller's role does not grant.
 * `caller` is the access key id of the request; a Lambda worker's is its role's logical id, the cloud's own is `local-root`.
 * @throws AccessDenied naming caller, action and resource
 */
export type Authorize = (caller: string, access: Access) => void;

export class AccessDenied extends Error {
  override name = 'AccessDeniedException';
}

/** Kinds of faults, as the matrix of the tests names them. */
export type FaultKind = 'throttle' | 'error' | 'timeout' | 'lost-answer' | 'conflict' | 'crash-before' | 'crash-after';

/** One planned fault: the next `times` calls that match (after `skip` of them) fail in this way. */
export type Fault = {
  service: string;
  action?: string;
  match?: string;
  kind: FaultKind;
  times?: number;
  skip?: number;
};

/** Asked by every front before (and, for lost answers, after) it serves a call. */
export type Faults = { next(service: string, action: string, body: string, caller: string): FaultKind | undefined };

/** Synchronous invocation; throws FunctionError with the function's error type and message. */
export type Invoke = (fn: string, event: unknown) => Promise<unknown>;

export class FunctionError extends Error {
  readonly errorType: string;
  readonly trace: readonly string[];
  constructor(errorType: string, message: string, trace: readonly string[] = []) {
    super(message);
    this.errorType = errorType;
    this.trace = trace;
  }
}

/** Durable hand-over: stored before it returns, delivered at least once, also after SIGKILL; retried, then to the dead letters. */
export type Delivery = { id: string; target: string; payload: unknown; attempts: number; due: number; from: string };

/** One resource of the synthesized template with its intrinsics resolved; `name` is its physical name (Ref). */
export type Resource = {
  id: string;
  type: string;
  name: string;
  arn: string;
  props: Record<string, unknown>;
};

export type Log = (entry: Record<string, unknown>) => void;

export const REGION = 'us-east-1';
export const ACCOUNT = '000000000000';
