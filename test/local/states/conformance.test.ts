import { createRequire } from 'node:module';
import { SendTaskFailureCommand, SendTaskHeartbeatCommand, SendTaskSuccessCommand } from '@aws-sdk/client-sfn';
import { afterEach, describe, expect, it } from 'vitest';
import { clientOf, describeExecution, statesEntered } from './client.ts';
import { type Cloud, executionArn, machineArn, startCloud } from './cloud.ts';
import type { Act } from './cases/case.ts';
import { branching } from './cases/branching.ts';
import { choosing } from './cases/choosing.ts';
import { data } from './cases/data.ts';
import { failing } from './cases/failing.ts';
import { waiting } from './cases/waiting.ts';

const validate = createRequire(import.meta.url)('asl-validator') as (definition: object) => { errors: object[] };

let cloud: Cloud;
afterEach(async () => {
  await cloud.states.stop();
});

async function play(act: Act): Promise<void> {
  if (typeof act === 'number') return cloud.pass(act);
  const client = clientOf(cloud);
  if ('succeeds' in act)
    await client.send(
      new SendTaskSuccessCommand({ taskToken: cloud.token(act.succeeds), output: JSON.stringify(act.output) }),
    );
  else if ('fails' in act)
    await client.send(
      new SendTaskFailureCommand({ taskToken: cloud.token(act.fails), error: act.error, cause: act.cause }),
    );
  else await client.send(new SendTaskHeartbeatCommand({ taskToken: cloud.token(act.beats) }));
  await cloud.settle();
}

describe('The interpreter', () => {
  it.each([...data, ...choosing, ...waiting, ...failing, ...branching])('$it', async (row) => {
    expect(validate(structuredClone(row.machine))).toMatchObject({ errors: [] });

    cloud = await startCloud({ machines: { M: row.machine }, ...(row.answers ? { answers: row.answers } : {}) });
    cloud.states.start(machineArn('M'), row.input ?? {}, 'run');
    await cloud.settle();
    for (const act of row.acts ?? []) await play(act);

    const client = clientOf(cloud);
    const { status, output, error, cause } = await describeExecution(client, executionArn('M', 'run'));
    const shown = { status, ...(output === undefined ? {} : { output: JSON.parse(output) as unknown }), error };
    expect(shown).toEqual({ error: undefined, ...row.ends });
    if (row.cause !== undefined) expect(cause).toContain(row.cause);
    if (row.path) expect(await statesEntered(client, executionArn('M', 'run'))).toEqual(row.path);
    if (row.calls !== undefined) expect(cloud.calls.map(({ fn }) => fn)).toEqual(row.calls);
  });
});
