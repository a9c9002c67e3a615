import { randomUUID } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { ACCOUNT, type Clock, type Log, REGION } from '../contract.ts';
import { type DeadLetters, openDeadLetters } from '../lambda/dead-letter.ts';
import type { InvokeAsync } from '../lambda/start.ts';
import type { Matcher } from './pattern.ts';
import { type TargetInput, targetInput } from './target-input.ts';

/** A rule with a pattern. `bus` is a name. */
export type Rule = {
  name: string;
  arn: string;
  bus: string;
  matches: Matcher;
  targets: readonly (TargetInput & { Id: string; Arn: string })[];
};
/** An event as its sender gives it. `time` in epoch ms; now unless told. */
export type NewEvent = {
  bus: string;
  source: string;
  detailType: string;
  detail: unknown;
  resources?: readonly string[];
  time?: number | undefined;
};
export type BusOptions = {
  db: DatabaseSync;
  clock: Clock;
  log: Log;
  rules: readonly Rule[];
  /** Names of the buses of the template; `default` is always there. */
  buses: readonly string[];
  invokeAsync: InvokeAsync;
};

/** Event buses: an accepted event is stored for the target of every rule it matches before `publish` returns. */
export class Bus {
  readonly #options: BusOptions;
  readonly #buses: ReadonlySet<string>;
  readonly #deadLetters: DeadLetters;

  constructor(options: BusOptions) {
    this.#options = options;
    this.#buses = new Set(['default', ...options.buses]);
    this.#deadLetters = openDeadLetters(options.db);
  }

  has(bus: string): boolean {
    return this.#buses.has(bus);
  }

  /** Takes an event and returns its id. */
  publish({ bus, source, detailType, detail, resources = [], time }: NewEvent): string {
    const id = randomUUID();
    const event = {
      version: '0',
      id,
      'detail-type': detailType,
      source,
      account: ACCOUNT,
      time: `${new Date(time ?? this.#options.clock.now()).toISOString().slice(0, 19)}Z`,
      region: REGION,
      resources: [...resources],
      detail,
    };
    for (const rule of this.#options.rules)
      if (rule.bus === bus && rule.matches(event)) for (const target of rule.targets) this.#send(rule, target, event);
    return id;
  }

  /** What cannot be handed over (too large, no such function) is a dead letter: the other targets get theirs. */
  #send(rule: Rule, target: Rule['targets'][number], event: Record<string, unknown>): void {
    const { invokeAsync, clock, log } = this.#options;
    try {
      invokeAsync(target.Arn, targetInput(target, event, rule), `rule ${rule.name}`);
    } catch (error) {
      log({ level: 'ERROR', message: `rule ${rule.name}: ${String(error)}`, target: target.Arn });
      const letter = { at: clock.now(), service: 'events' as const, from: rule.name, target: target.Arn };
      this.#deadLetters.add({ ...letter, error: String(error), payload: event });
    }
  }
}
