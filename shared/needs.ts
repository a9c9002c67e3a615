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
  | 'failures'; // FAILURES_BUCKET: read and remove what could not be delivered

/**
 * What an entry needs from the stack: declared beside its handler, so that code, environment and permissions cannot drift.
 * `writes` allows Put, Update and condition checks on items of these kinds and nothing else; events and feed rows only Put.
 */
export type Needs = {
  what: string;
  reads: 'everything' | readonly EntityName[];
  writes: readonly EntityName[];
  /** Only for sweeps outside any request. */
  scans?: true;
  uses: readonly Use[];
  /** Seconds. */
  timeout: number;
  /** MB; CPU comes with it (1769 MB = one core). */
  memory: number;
};
