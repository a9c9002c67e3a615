import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { expect, onTestFinished, test, vi } from 'vitest';
import { functionOf, grants, lambdaOf } from './world.ts';

const ARN = 'arn:aws:lambda:us-east-1:000000000000:function:app-add';

async function cloud() {
  const fn = functionOf(
    'add',
    `export const handler = async ({ a, b }) => { if (b === 0) throw new TypeError('zero'); return a + b }`,
  );
  const { authorize, asked } = grants(`apiRole lambda:InvokeFunction ${ARN}`);
  const lambda = await lambdaOf({ functions: [fn], authorize });
  const clientOf = (role: string): LambdaClient => {
    const credentials = { accessKeyId: `${role}.w-1`, secretAccessKey: 'x' };
    const client = new LambdaClient({ endpoint: lambda.url, region: 'us-east-1', credentials, maxAttempts: 1 });
    onTestFinished(() => client.destroy());
    return client;
  };
  return { lambda, asked, clientOf };
}

test('the AWS client gets the answer, or the error of the function', async () => {
  const { clientOf } = await cloud();
  const client = clientOf('apiRole');
  const good = await client.send(new InvokeCommand({ FunctionName: 'app-add', Payload: '{"a":2,"b":3}' }));
  expect([good.FunctionError, good.Payload?.transformToString()]).toEqual([undefined, '5']);
  const bad = await client.send(new InvokeCommand({ FunctionName: ARN, Payload: '{"a":2,"b":0}' }));
  expect(bad.FunctionError).toBe('Unhandled');
  expect(JSON.parse(bad.Payload?.transformToString() ?? '')).toMatchObject({
    errorType: 'TypeError',
    errorMessage: 'zero',
  });
});

test('an Event call is accepted with 202 and queued', async () => {
  const { clientOf, lambda } = await cloud();
  const command = new InvokeCommand({ FunctionName: 'app-add', InvocationType: 'Event', Payload: '{"a":1,"b":1}' });
  await expect(clientOf('apiRole').send(command)).resolves.toMatchObject({ StatusCode: 202 });
  expect(lambda.pending()).toBe(1);
  lambda.resume();
  await vi.waitFor(() => expect(lambda.pending()).toBe(0));
  expect(lambda.functions()[0]?.invocations).toBe(1);
});

test('a role without the grant is refused, an unknown function is not found, a broken payload is refused', async () => {
  const { clientOf, asked } = await cloud();
  const call = (role: string, FunctionName: string, Payload = '{}') =>
    clientOf(role).send(new InvokeCommand({ FunctionName, Payload }));
  await expect(call('publicRole', 'app-add')).rejects.toThrow('not granted');
  await expect(call('apiRole', 'nobody')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  await expect(call('apiRole', 'app-add', '{')).rejects.toMatchObject({ name: 'InvalidRequestContentException' });
  expect(asked[0]).toBe(`publicRole lambda:InvokeFunction ${ARN}`);
});
