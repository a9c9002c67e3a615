import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type CloudClock, openClock } from './clock.ts';
import type { Authorize, Faults, Log, Resource, Service } from './contract.ts';
import type { Events } from './events/start.ts';
import { failureRecords } from './failure-records.ts';
import type { Files } from './files/files.ts';
import { identityPolicies } from './iam/identity.ts';
import type { OnFailure } from './lambda/destination.ts';
import type { Rough } from './lambda/rough.ts';
import type { Lambda } from './lambda/start.ts';
import type { Streams } from './streams/start.ts';

/** What services are given, and what they leave for those who start later. */
export type World = {
  resources: readonly Resource[];
  db: DatabaseSync;
  clock: CloudClock;
  authorize: Authorize;
  faults: Faults;
  log: Log;
  rough: Rough | undefined;
  onFailure: OnFailure;
  /** Ends the worker that made a call. */
  crash(worker: string): void;
  /** Called by services that start before those they call. */
  late: { lambda?: Lambda; streams?: Streams; events?: Events; files?: Files };
  /** What every function gets as AWS_ENDPOINT_URL_…; filled as the fronts start. */
  env: Record<string, string>;
  /** Remembers to stop a service when the world ends. */
  keep<T extends Pick<Service, 'stop'>>(service: T): T;
  keepStarting<T extends Pick<Service, 'stop'>>(starting: Promise<T>): Promise<T>;
  stop(): Promise<void>;
};

export type WorldOptions = {
  resources: readonly Resource[];
  dir: string;
  rough: number | undefined;
  faults: Faults;
  log: Log;
};

/** Opens database and clock of a data folder, and the rights of the template. */
export function openWorld({ resources, dir, rough, faults, log }: WorldOptions): World {
  const authorize = identityPolicies(resources);
  const db = openDatabase(dir);
  const clock = openClock(db, (error) => log({ level: 'ERROR', message: `a timer failed: ${String(error)}` }));
  const stops: (() => Promise<void> | void)[] = [() => db.close(), () => clock.stop()];
  const late: World['late'] = {};
  return {
    resources,
    db,
    clock,
    authorize,
    faults,
    log,
    rough: rough === undefined ? undefined : { seed: rough },
    onFailure: failureRecords(() => {
      if (!late.files) throw new Error('the files are not there yet');
      return late.files;
    }),
    crash: (worker) => late.lambda?.kill(worker),
    late,
    env: {},
    keep(service) {
      stops.push(() => service.stop());
      return service;
    },
    keepStarting(starting) {
      stops.push(async () => (await starting.catch(() => undefined))?.stop());
      return starting;
    },
    async stop() {
      for (const end of stops.splice(0).reverse()) await end();
    },
  };
}

function openDatabase(dir: string): DatabaseSync {
  mkdirSync(dir, { recursive: true });
  const path = join(dir, 'cloud.db');
  try {
    const db = new DatabaseSync(path);
    db.exec('pragma journal_mode=wal; pragma synchronous=normal');
    return db;
  } catch (error) {
    throw new Error(
      `The database ${path} cannot be opened: ${error instanceof Error ? error.message : String(error)}.`,
      {
        cause: error,
      },
    );
  }
}

/** Waits for all, so that none is still starting when the failure of one stops the rest. */
export async function together<const T extends readonly Promise<unknown>[]>(starting: T) {
  const failed = (await Promise.allSettled(starting)).find((one) => one.status === 'rejected');
  if (failed) throw failed.reason;
  return Promise.all(starting);
}
