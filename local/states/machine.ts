import type * as z from 'zod';
import { definition, type Definition, type Scope, type State } from './definition.ts';

type Place = { state?: string; field: string };

/**
 * Reads a state machine's definition.
 * @throws Error one sentence with machine, state and field, for whatever the local cloud would not run as AWS does
 */
export function loadMachine(name: string, text: string): Definition {
  const refuse = (place: Place, why: string): never => {
    const state = place.state === undefined ? '' : `, state "${place.state}"`;
    const field = place.field === '' ? '' : `, field ${place.field}`;
    throw new Error(`State machine "${name}"${state}${field}: ${why}.`);
  };
  const parsed = definition.safeParse(jsonOf(text, (why) => refuse({ field: '' }, why)));
  if (parsed.success) {
    const names = new Set<string>();
    checkScope(parsed.data, names, refuse);
    return parsed.data;
  }
  const issue = parsed.error.issues[0];
  if (!issue) throw parsed.error;
  return refuse(placeOf(issue), whyOf(issue));
}

function jsonOf(text: string, refuse: (why: string) => never): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    return refuse(`the definition is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function whyOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys')
    return 'the local cloud does not know it; leave it out, or teach it to local/states';
  if (issue.code === 'invalid_union')
    return 'only Pass, Task, Choice, Wait, Succeed, Fail, Map and Parallel states are run';
  return issue.message.replace(/\.$/, '');
}

/** The innermost state of an issue's path, and the field in it: Branches[0].States.Ask.Retry[1] is field Retry[1] of Ask. */
function placeOf(issue: z.core.$ZodIssue): Place {
  const path = issue.code === 'unrecognized_keys' ? [...issue.path, ...issue.keys.slice(0, 1)] : [...issue.path];
  let state: string | undefined;
  for (let at = path.indexOf('States'); at === 0 && path.length > 1;) {
    state = String(path[1]);
    path.splice(0, 2);
    const deeper = path.slice(0, 3).indexOf('States');
    if (deeper > 0) path.splice(0, deeper); // Branches[0] or ItemProcessor
    at = deeper > 0 ? 0 : -1;
  }
  const field = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
  return { ...(state === undefined ? {} : { state }), field: field.replace(/^\./, '') };
}

type Refuse = (place: Place, why: string) => never;

/** What a schema cannot see: that states lead somewhere, and that fields which exclude each other do. */
function checkScope(scope: Scope, names: Set<string>, refuse: Refuse): void {
  if (!Object.hasOwn(scope.States, scope.StartAt)) refuse({ field: 'StartAt' }, `there is no state "${scope.StartAt}"`);
  for (const [name, state] of Object.entries(scope.States)) {
    const at = (field: string, why: string) => refuse({ state: name, field }, why);
    if (names.has(name)) at('', 'another state of this machine has the same name');
    names.add(name);
    for (const [field, target] of targetsOf(state))
      if (!Object.hasOwn(scope.States, target)) at(field, `there is no state "${target}" beside this one`);
    checkState(state, at);
    for (const inner of innerScopes(state)) checkScope(inner, names, refuse);
  }
}

function innerScopes(state: State): readonly Scope[] {
  if (state.Type === 'Parallel') return state.Branches;
  if (state.Type !== 'Map') return [];
  const each = state.ItemProcessor ?? state.Iterator;
  return each ? [each] : [];
}

function targetsOf(state: State): [field: string, target: string][] {
  const targets: [string, string | undefined][] = [];
  if ('Next' in state) targets.push(['Next', state.Next]);
  if (state.Type === 'Choice') {
    targets.push(['Default', state.Default]);
    state.Choices.forEach((rule, index) => targets.push([`Choices[${index}].Next`, rule.Next]));
  }
  if ('Catch' in state) state.Catch?.forEach((row, index) => targets.push([`Catch[${index}].Next`, row.Next]));
  return targets.flatMap(([field, target]) => (target === undefined ? [] : [[field, target]]));
}

const EXCLUSIVE: Partial<Record<State['Type'], { fields: readonly string[]; least: 0 | 1 }[]>> = {
  Task: [{ fields: ['TimeoutSeconds', 'TimeoutSecondsPath'], least: 0 }],
  Wait: [{ fields: ['Seconds', 'SecondsPath', 'Timestamp', 'TimestampPath'], least: 1 }],
  Map: [
    { fields: ['ItemProcessor', 'Iterator'], least: 1 },
    { fields: ['ItemSelector', 'Parameters'], least: 0 },
  ],
  Fail: [
    { fields: ['Error', 'ErrorPath'], least: 0 },
    { fields: ['Cause', 'CausePath'], least: 0 },
  ],
};

function checkState(state: State, refuse: (field: string, why: string) => never): void {
  const ends = state.Type === 'Choice' || state.Type === 'Succeed' || state.Type === 'Fail';
  if (!ends && (state.Next === undefined) === (state.End !== true))
    refuse('Next', 'a state has either Next or "End": true');
  for (const { fields, least } of EXCLUSIVE[state.Type] ?? []) {
    const given = fields.filter((field) => field in state);
    if (given.length > 1) refuse(given[1] ?? '', `it excludes ${given[0]}`);
    if (given.length < least) refuse(fields[0] ?? '', `one of ${fields.join(', ')} is needed`);
  }
  if (state.Type === 'Task' && typeof state.TimeoutSeconds === 'number')
    if (state.HeartbeatSeconds !== undefined && state.HeartbeatSeconds >= state.TimeoutSeconds)
      refuse('HeartbeatSeconds', 'it must be smaller than TimeoutSeconds');
}
