import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildAssembly } from './build.ts';
import { openLog } from './cloud-log.ts';
import { startControl } from './control/server.ts';
import { advance, type Pending, settle } from './control/settle.ts';
import { type CloudStatus, statusOf } from './control/status.ts';
import { usersOf } from './demo-users.ts';
import { openDoor } from './door.ts';
import { type FaultPlan, openFaults } from './faults.ts';
import { type Installation, startInstallation } from './installation.ts';
import { lockFolder } from './lock.ts';
import { type Assembly, readAssembly } from './template/assembly.ts';

export type CloudOptions = {
  /** For people; the control port is the next one. 0 chooses two free ones. */
  port: number;
  /** Folder of everything that is kept. */
  data: string;
  /** Seed of rough weather; fair weather without it. */
  rough?: number;
  /** Says nothing on standard output. */
  quiet?: boolean;
  /** Runs this cloud assembly instead of building the project's. */
  assembly?: string;
  /** Does not load the starter set into an empty table. */
  empty?: boolean;
  /** Variables of the template's functions that have another value here; what the template does not name stays out. */
  environment?: Readonly<Record<string, string>>;
};

/** A running local cloud. Methods that need the services fail while these start again after `restart`. */
export type Cloud = {
  url: string;
  controlUrl: string;
  faults: FaultPlan;
  /** The services as they run now. @throws Error while they are starting */
  installation(): Installation;
  status(): CloudStatus;
  /** Waits until nothing is under way; answers what still is after `timeoutMs` (default 30 s). */
  settle(timeoutMs?: number): Promise<Pending>;
  /** Moves the clock to an instant (epoch ms), settling at each due instant on the way; see `advance`. */
  moveClock(target: number, timeoutMs?: number): Promise<Pending>;
  /** Starts all services again: on an empty data folder, in other weather. The ports stay. */
  restart(change: { empty?: boolean; rough?: number | undefined }): Promise<void>;
  /** A bearer token of the user with this e-mail, or of the first with this role. @throws Error naming who there is */
  token(who: { email: string } | { role: string }): Promise<string>;
  /** Resolves with the reason when the cloud cannot go on. */
  failed: Promise<Error>;
  stop(): Promise<void>;
};

const ROOT = join(import.meta.dirname, '..');
/** Lies in the data folder once the starter set was loaded whole. */
const STARTER_MARK = 'starter-loaded';

/**
 * Boots the whole cloud and resolves when everything answers.
 * @throws Error in one sentence: port taken, no Java, broken template, data folder in use; nothing is left running then
 */
export async function startCloud(options: CloudOptions): Promise<Cloud> {
  const cloud = new RunningCloud(options);
  try {
    await cloud.start();
    return cloud;
  } catch (error) {
    await cloud.stop();
    throw error;
  }
}

class RunningCloud implements Cloud {
  readonly faults = openFaults();
  readonly #options: CloudOptions;
  readonly #failed = Promise.withResolvers<Error>();
  readonly #stops: (() => Promise<void> | void)[] = [];
  readonly #logFile: ReturnType<typeof openLog>;
  #assembly: Assembly | undefined;
  #installation: Installation | undefined;
  /** The starter set is there too: it is loaded through the services, which answer before. */
  #ready = false;
  #rough: number | undefined;
  url = '';
  controlUrl = '';

  constructor(options: CloudOptions) {
    this.#options = options;
    this.#rough = options.rough;
    const release = lockFolder(options.data);
    this.#logFile = openLog(options.data, (line) => this.#say(`  ${line}`));
    this.#stops.push(release, () => this.#logFile.close());
  }

  get failed(): Promise<Error> {
    return this.#failed.promise;
  }

  async start(): Promise<void> {
    const { port, assembly } = this.#options;
    const current = (): Installation | undefined => this.#installation;
    const door = await openDoor({ port, cloud: this, current, site: join(ROOT, 'web', 'dist') });
    this.#stops.push(door.stop);
    this.url = door.url;
    const control = await startControl({ port: port === 0 ? 0 : port + 1, cloud: this });
    this.#stops.push(control.stop);
    this.controlUrl = control.url;
    const dir = assembly ?? (await buildAssembly(ROOT, (text) => this.#say(text)));
    const known = { issuer: `${this.url}/oidc`, userPool: 'us-east-1_Local', userPoolClient: 'local-console' };
    this.#assembly = readAssembly(dir, known);
    await this.#boot(this.#assembly);
  }

  async #boot(assembly: Assembly): Promise<void> {
    const { data: dir, empty = false } = this.#options;
    this.#say(`starting the services of ${assembly.stack} on ${dir}`);
    const { log } = this.#logFile;
    const issuerUrl = `${this.url}/oidc`;
    const { url, faults } = this;
    const { environment } = this.#options;
    const starting = { assembly, url, issuerUrl, dir, rough: this.#rough, faults, log };
    const installation = await startInstallation({ ...starting, ...(environment && { environment }) });
    this.#installation = installation;
    void installation.dynamo.exited.then((code) => {
      if (this.#installation === installation)
        this.#failed.resolve(
          new Error(`DynamoDB Local ended by itself with code ${code}: see ${join(dir, 'cloud.log')}.`),
        );
    });
    if (!empty && !existsSync(join(dir, STARTER_MARK))) await this.#loadStarter(dir);
    this.#ready = true;
  }

  /** Adds only what is not there, so a start that was killed in the middle of it is made good by the next. */
  async #loadStarter(dir: string): Promise<void> {
    this.#say('loading the starter set');
    const { loadStarter } = await import('./starter.ts');
    await loadStarter(this);
    writeFileSync(join(dir, STARTER_MARK), '');
  }

  installation(): Installation {
    if (!this.#installation) throw new Error('The local cloud is still starting: ask again in a moment.');
    return this.#installation;
  }

  status(): CloudStatus {
    const faults = this.faults.left().length;
    const { data } = this.#options;
    return statusOf(this.installation(), { ready: this.#ready, url: this.url, data, rough: this.#rough, faults });
  }

  settle(timeoutMs = 30_000): Promise<Pending> {
    return settle(this.installation().services, timeoutMs);
  }

  moveClock(target: number, timeoutMs = 60_000): Promise<Pending> {
    const { services, clock, schedules } = this.installation();
    return advance(services, { clock, schedules }, target, timeoutMs);
  }

  async restart(change: { empty?: boolean; rough?: number | undefined }): Promise<void> {
    const before = this.installation();
    this.#ready = false;
    if ('rough' in change) this.#rough = change.rough;
    this.#installation = undefined;
    await before.stop();
    if (change.empty)
      for (const name of ['cloud.db', 'cloud.db-wal', 'cloud.db-shm', 'dynamo', 'files', STARTER_MARK])
        rmSync(join(this.#options.data, name), { recursive: true, force: true });
    if (this.#assembly) await this.#boot(this.#assembly);
  }

  async token(who: { email: string } | { role: string }): Promise<string> {
    const { issuer, client, table } = this.installation();
    const users = await usersOf(client, table);
    const email = 'email' in who ? who.email : users.find(({ roles }) => roles.includes(who.role))?.email;
    if (email === undefined)
      throw new Error(`Nobody has this role; there are: ${users.flatMap(({ roles }) => roles).join(', ')}.`);
    return (await issuer.issue(email)).access_token;
  }

  async stop(): Promise<void> {
    const installation = this.#installation;
    this.#installation = undefined;
    await installation?.stop();
    for (const end of this.#stops.splice(0).reverse()) await end();
  }

  #say(text: string): void {
    if (!this.#options.quiet) console.log(text);
  }
}
