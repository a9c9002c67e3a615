import { createHash } from 'node:crypto';
import type { Clock, Log } from '../contract.ts';
import { AwsError } from '../front.ts';
import type { CallFunction } from './call.ts';
import type { Definition } from './definition.ts';
import { end, newExecution, takeTurn } from './execution.ts';
import { dueOf, type Execution, leavesOf, openCalls, type Outcome, type TaskWait } from './frame.ts';
import type { Json } from './json.ts';
import { loadMachine } from './machine.ts';
import type { Store } from './store.ts';
import { record, type Turn } from './turn.ts';

/** A state machine as the template declares it; `definition` is ASL as JSON text with every substitution made. */
export type Machine = { arn: string; name: string; role: string; definition: string };
type Loaded = Machine & { hash: string };
type Live = { execution: Execution; machine: Turn['machine']; cancel: () => void };

/** AWS refuses the name of a closed execution for this long. */
const NAME_KEPT = 90 * 86_400_000;

export type EngineOptions = {
  machines: readonly Machine[];
  store: Store;
  clock: Clock;
  call: CallFunction;
  log: Log;
};

/**
 * Runs executions in turns. A turn takes every thread as far as it goes at this instant and is saved as a whole; only
 * then functions are called, and a timer is set for the earliest instant a thread waits for. So whatever is on disk can
 * go on: what was called and not answered is called again, everything else waits on.
 */
export class Engine {
  readonly machines: ReadonlyMap<string, Loaded>;
  readonly #options: EngineOptions;
  readonly #definitions = new Map<string, Definition>();
  readonly #live = new Map<string, Live>();
  readonly #calls = new Set<string>();
  #closed = false;

  /** @throws Error for a definition the interpreter cannot run; see `loadMachine` */
  constructor(options: EngineOptions) {
    this.#options = options;
    const loaded = options.machines.map((machine) => {
      const hash = createHash('sha256').update(machine.definition).digest('hex');
      this.#definitions.set(hash, loadMachine(machine.name, machine.definition));
      options.store.keepDefinition(hash, machine.definition);
      return [machine.arn, { ...machine, hash }] as const;
    });
    this.machines = new Map(loaded);
    for (const execution of options.store.list(null, 'RUNNING', { limit: -1, offset: 0 })) this.#recover(execution);
  }

  /** Goes on with every execution found on disk; called once every service answers. */
  resume(): void {
    for (const live of this.#live.values()) this.#turn(live);
  }

  /** @throws AwsError StateMachineDoesNotExist, ExecutionAlreadyExists (unless it is running with the same input) */
  start(arn: string, name: string, input: Json): Execution {
    const machine = this.machines.get(arn);
    if (!machine) throw new AwsError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
    const { store, clock } = this.#options;
    const now = clock.now();
    const executionArn = `${arn.replace(':stateMachine:', ':execution:')}:${name}`;
    const old = store.find(executionArn);
    if (old?.status === 'RUNNING' && JSON.stringify(old.input) === JSON.stringify(input)) return old;
    if (old && (old.stoppedAt ?? now) + NAME_KEPT > now)
      throw new AwsError('ExecutionAlreadyExists', `Execution Already Exists: '${executionArn}'`);
    if (old) store.forget(executionArn);
    const definition = this.#definition(machine);
    const execution = newExecution(
      { arn: executionArn, name, machine: arn, definition: machine.hash, input },
      definition,
      now,
    );
    const live = this.#follow(execution, { ...machine, definition });
    this.#turn(live, ({ root }, turn) => {
      const details = { input: JSON.stringify(input), roleArn: machine.role };
      if (root) record(turn, root, 'ExecutionStarted', { executionStartedEventDetails: details });
    });
    return execution;
  }

  /** Ends a running execution; does nothing to a closed one. */
  stop(arn: string, error?: string, cause?: string): void {
    const live = this.#live.get(arn);
    if (live) this.#turn(live, (_, turn) => end(turn, { status: 'ABORTED', error, cause }));
  }

  /** The execution a task token belongs to. @throws AwsError InvalidToken when it was never given out */
  ownerOf(token: string): Execution {
    const { store } = this.#options;
    const arn = store.executionOfToken(token);
    const execution = arn === undefined ? undefined : (this.#live.get(arn)?.execution ?? store.find(arn));
    if (!execution) throw new AwsError('InvalidToken', "Invalid Token: 'Invalid token'");
    return execution;
  }

  /** Settles the task that waits with the token. @throws AwsError InvalidToken, TaskTimedOut */
  settle(token: string, outcome: Outcome): void {
    const [live, wait] = this.#waiting(token);
    this.#turn(live, () => void (wait.outcome = outcome));
  }

  /** Puts the heartbeat's end off. @throws AwsError InvalidToken, TaskTimedOut */
  beat(token: string): void {
    const [live, wait] = this.#waiting(token);
    this.#turn(live, () => {
      if (wait.heartbeat !== undefined) wait.heartbeatAt = this.#options.clock.now() + wait.heartbeat;
    });
  }

  pending(): number {
    const now = this.#options.clock.now();
    const busy = ({ execution }: Live) => openCalls(execution).length > 0 || (dueOf(execution) ?? Infinity) <= now;
    return [...this.#live.values()].filter(busy).length;
  }

  nextDue(): number | undefined {
    const now = this.#options.clock.now();
    const instants = [...this.#live.values()].map(({ execution }) => dueOf(execution) ?? Infinity);
    const next = instants.filter((instant) => instant > now).reduce((a, b) => Math.min(a, b), Infinity);
    return next === Infinity ? undefined : next;
  }

  /** Nothing is saved from here on; calls that are out will be made again by the next engine. */
  close(): void {
    this.#closed = true;
    for (const live of this.#live.values()) live.cancel();
    this.#live.clear();
  }

  #recover(execution: Execution): void {
    const machine = this.machines.get(execution.machine);
    const text = this.#options.store.definition(execution.definition);
    if (machine && text !== undefined)
      this.#follow(execution, {
        ...machine,
        definition: this.#definition({ name: machine.name, hash: execution.definition, definition: text }),
      });
    else {
      const gone = { name: execution.machine, role: '', definition: { StartAt: '', States: {} } };
      const why = { status: 'ABORTED', error: 'StateMachineDeleted', cause: `${execution.machine} is gone.` } as const;
      this.#turn(this.#follow(execution, gone), (_, turn) => end(turn, why));
    }
  }

  #definition({ name, hash, definition: text }: Pick<Loaded, 'name' | 'hash' | 'definition'>): Definition {
    const definition = this.#definitions.get(hash) ?? loadMachine(name, text);
    this.#definitions.set(hash, definition);
    return definition;
  }

  #follow(execution: Execution, machine: Turn['machine']): Live {
    const live = { execution, machine, cancel: () => {} };
    this.#live.set(execution.arn, live);
    return live;
  }

  /** One turn: an optional change, then as far as it goes; saved; then timers and calls. */
  #turn(live: Live, change?: (execution: Execution, turn: Turn) => void): void {
    if (this.#closed || live.execution.status !== 'RUNNING') return;
    const { clock, store } = this.#options;
    const { execution, machine } = live;
    const turn: Turn = { now: clock.now(), execution, machine, events: [], tokens: [] };
    takeTurn(turn, change);
    store.save({ execution, events: turn.events, tokens: turn.tokens });
    live.cancel();
    if (!execution.root) return this.#forget(live);
    const due = dueOf(execution);
    live.cancel = due === undefined ? () => {} : clock.at(due, () => this.#turn(live));
    for (const wait of openCalls(execution)) if (!this.#calls.has(wait.call)) void this.#call(live, wait);
  }

  #forget({ execution }: Live): void {
    this.#live.delete(execution.arn);
    const { status, arn, error, cause } = execution;
    if (status !== 'SUCCEEDED') this.#options.log({ service: 'states', execution: arn, status, error, cause });
  }

  async #call(live: Live, { call, fn, payload }: TaskWait): Promise<void> {
    this.#calls.add(call);
    const outcome = await this.#options.call(live.machine.role, fn, payload);
    this.#calls.delete(call);
    // The thread may have timed out meanwhile, or may have been dropped by a failing sibling.
    const thread = [...leavesOf(live.execution.root)].find(({ wait }) => wait?.kind === 'task' && wait.call === call);
    const wait = thread?.wait;
    if (!thread || wait?.kind !== 'task' || wait.outcome) return;
    this.#turn(live, (_, turn) => {
      if (wait.token === undefined || 'error' in outcome) wait.outcome = outcome;
      else {
        wait.invoked = true;
        const details = { resourceType: 'lambda', resource: 'invoke.waitForTaskToken' };
        record(turn, thread, 'TaskSubmitted', { taskSubmittedEventDetails: details });
      }
    });
  }

  #waiting(token: string): [Live, TaskWait] {
    const { arn } = this.ownerOf(token);
    const live = this.#live.get(arn);
    // What is due comes first: a token whose time has run out is no longer taken.
    if (live && (dueOf(live.execution) ?? Infinity) <= this.#options.clock.now()) this.#turn(live);
    for (const { wait } of leavesOf(live?.execution.root))
      if (live && wait?.kind === 'task' && wait.token === token) return [live, wait];
    throw new AwsError('TaskTimedOut', "Task Timed Out: 'Provided task does not exist anymore'");
  }
}
