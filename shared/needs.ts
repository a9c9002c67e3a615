import type { EntityName } from '#shared/table/keys.ts';

/** What beside the table a function may use. The stack turns each into permissions and environment. */
export type Use =
  | 'secret' // SECRET_ARN: sign, check, decrypt
  | 'bus' // BUS_NAME: PutEvents
  | 'workflows' // WORKFLOW_*: start and resume runs
  | 'mail' // SENDER, CONFIGURATION_SET: send letters, read quota and suppression list
  | 'issuer' // ISSUER, CLIENT_ID, ADMIN_EMAIL: verify tokens, ask userinfo
  | 'address' // BASE_URL: links to ourselves
  | 'origin' // ORIGIN_SECRET: believe the viewer's address
  | 'failures' // FAILURES_BUCKET: read and remove what could not be delivered
  | 'files' // FILES_BUCKET: read and write uploads, results and files kept on records
  | 'copy' // FILES_BUCKET: read and write snapshots of the read copy
  | 'outbound' // OUTBOUND_*: which addresses beyond the open internet may be called, and whose certificates are believed
  | 'clock'; // SCHEDULE_*: one-time schedules that call `schedule`

/**
 * What an entry needs from the stack: declared beside its handler, so that code, environment and permissions cannot drift.
 * `writes` allows Put, Update and condition checks on items of these kinds and nothing else; events and feed rows only Put.
 */
export type Needs = {
  what: string;
  reads: 'everything' | readonly EntityName[];
  writes: readonly EntityName[];
  /** Kinds it may take out of the table for good: claims that are free again, and what erasure must not leave. */
  removes?: readonly EntityName[];
  /** Only for sweeps outside any request. */
  scans?: true;
  /** Kinds whose queue in gsi3 it works off, for functions that may not read everything. */
  queues?: readonly EntityName[];
  uses: readonly Use[];
  /** Seconds. */
  timeout: number;
  /** MB; CPU comes with it (1769 MB = one core). */
  memory: number;
  /** MB of its own temporary folder; 512 unless said. */
  storage?: number;
};
