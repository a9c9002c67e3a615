import type { AwsCall, FaultName, Plan } from '#test/support/world/call.ts';
import type { Prepared, World } from '#test/support/world/world.ts';
import { failing, failingAll, staged } from './matrix.ts';
import { scenarios } from './scenario.ts';

/** `form/23/crash-after` runs that one alone; `form` all of one scenario; `all` everything. */
const WANTED = process.env['FAULT']?.split('/');

const PASSING: readonly FaultName[] = ['throttle', 'error', 'timeout'];

/**
 * In what ways a call is failed by itself. A read that was answered has changed nothing, so losing the answer is the
 * same as never asking; only a transaction can meet a conflict, and only PutEvents take a part.
 */
function kindsFor({ writes, action }: AwsCall): FaultName[] {
  if (!writes) return ['crash-before', 'outage'];
  const partial = action === 'TransactWriteItems' || action === 'PutEvents';
  return [
    ...PASSING,
    'lost-answer',
    ...(partial ? ['conflict' as const] : []),
    'crash-before',
    'crash-after',
    'outage',
  ];
}

/** Faults the SDK's own retries are there for, at every call of a scenario in one run. */
const WHOLE: readonly (readonly [string, Plan])[] = [
  ...PASSING.map((kind) => [`reads/${kind}`, (call: AwsCall) => (call.writes ? undefined : kind)] as const),
  // Not every call: the SDK's budget of retries is finite, as it is in a warm function.
  ['fifths/thrice', ({ place }) => (place % 5 === 0 ? 'thrice' : undefined)],
];

/** Fails every call of a scenario in every way, and tells after which of them not everything is right in the end. */
export async function brokenBy(world: World, furnished: Prepared, name: string): Promise<string> {
  const scenario = scenarios.find((one) => one.name === name);
  if (!scenario || (WANTED && WANTED[0] !== 'all' && WANTED[0] !== name)) return '';
  const stage = await staged(world, furnished, scenario);
  // Every call, and each in every second way unless asked: neighbours take turns, so no way is left out.
  const turn = (call: AwsCall) => (_: FaultName, n: number) => WANTED !== undefined || (n + call.place) % 2 === 0;
  const faults = stage.calls.flatMap((call) =>
    kindsFor(call)
      .filter(turn(call))
      .map((kind) => ({ call, kind })),
  );
  const wanted = faults.filter(
    ({ call, kind }) => (WANTED?.[1] ?? String(call.place)) === String(call.place) && (WANTED?.[2] ?? kind) === kind,
  );
  const broken: string[] = [];
  const began = performance.now();
  const note = (fault: string, what: string, wrong: readonly string[]): void => {
    if (wrong.length > 0) broken.push(`FAULT=${name}/${fault} (${what})\n    ${wrong.join('\n    ')}`);
  };
  for (const { call, kind } of wanted) {
    note(
      `${call.place}/${kind}`,
      `${call.fn} ${call.service}:${call.action}`,
      await failing(world, stage, call.place, kind),
    );
  }
  const whole = WANTED?.[1] === undefined ? WHOLE : WHOLE.filter(([label]) => label === WANTED.slice(1).join('/'));
  for (const [label, plan] of whole) note(label, 'every such call', await failingAll(world, stage, plan));
  const runs = wanted.length + whole.length;
  const seconds = Math.round((performance.now() - began) / 1000);
  console.log(`${name}: ${stage.calls.length} calls, ${runs} runs, ${broken.length} broken, ${seconds} s`);
  return broken.join('\n');
}
