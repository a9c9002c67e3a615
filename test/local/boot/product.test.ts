import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readAssembly } from '#local/template/assembly.ts';
import { originHeadersOf, pageHeadersOf } from '#local/template/distribution.ts';
import { functionsOf } from '#local/template/functions.ts';
import { machinesOf } from '#local/template/machines.ts';
import { withSecrets } from '#local/template/secret-reference.ts';
import { smallAssembly } from '#test/support/small-assembly.ts';

const known = { issuer: 'http://127.0.0.1/oidc', userPool: 'pool', userPoolClient: 'console' };

function small(extra: Record<string, unknown> = {}) {
  const dir = smallAssembly(extra);
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return { dir, assembly: readAssembly(dir, known) };
}

test('functions run from the folder of their asset, as their role, with the address of this machine in their environment', () => {
  const { dir, assembly } = small({
    Helper: { Type: 'AWS::Lambda::Function', Properties: { Runtime: 'python3.13', Code: { S3Key: 'code.zip' } } },
    Calls: {
      Type: 'AWS::Lambda::EventInvokeConfig',
      Properties: {
        FunctionName: { Ref: 'Write' },
        Qualifier: '$LATEST',
        MaximumRetryAttempts: 1,
        DestinationConfig: { OnFailure: { Destination: 'arn:aws:s3:::failures' } },
      },
    },
  });
  const functions = functionsOf(assembly, { BASE_URL: 'http://127.0.0.1:4000', OTHER: 'x' });
  expect(functions.map(({ id }) => id)).toEqual(['Take', 'Tell', 'Write']);
  const [take, , write] = functions;
  expect(take).toMatchObject({
    name: 'Small-Take',
    role: 'TakeRole',
    dir: join(dir, 'code'),
    handler: 'index.take',
    timeout: 20,
    env: { BASE_URL: 'http://127.0.0.1:4000', TABLE_NAME: 'Small-Main' },
  });
  expect(take?.env).not.toHaveProperty('OTHER');
  expect(write?.async).toEqual({ retries: 1, onFailure: 'arn:aws:s3:::failures' });
});

test('machines have their substitutions made, and one that nothing fills is refused', () => {
  const { assembly } = small();
  const [machine] = machinesOf(assembly);
  expect(machine).toMatchObject({ name: 'Small-Machine', role: 'MachineRole' });
  expect(machine?.definition).toContain('"FunctionName":"arn:aws:lambda:us-east-1:000000000000:function:Small-Write"');
  const holed = assembly.resources.map((one) =>
    one.id === 'Machine' ? { ...one, props: { ...one.props, DefinitionSubstitutions: {} } } : one,
  );
  expect(() => machinesOf({ ...assembly, resources: holed })).toThrow(/Machine: its definition uses \$\{Write\}/);
});

test('the headers of the distribution are found, whatever else of it cannot be resolved here', () => {
  const policy = {
    Type: 'AWS::CloudFront::ResponseHeadersPolicy',
    Properties: {
      ResponseHeadersPolicyConfig: {
        Name: { 'Fn::GetAtt': ['Nobody', 'Knows'] },
        SecurityHeadersConfig: {
          ContentSecurityPolicy: {
            ContentSecurityPolicy: "default-src 'self'; connect-src 'self' https:; object-src 'none'",
          },
          FrameOptions: { FrameOption: 'DENY' },
        },
      },
    },
  };
  const { resources } = small({ Policy: policy }).assembly;
  expect(originHeadersOf(resources)).toEqual({ 'x-origin-secret': expect.stringMatching(/^[0-9a-f-]{36}$/) });
  expect(pageHeadersOf(resources)).toEqual({
    'content-security-policy': "default-src 'self'; connect-src 'self' https: http://127.0.0.1:*; object-src 'none'",
    'x-frame-options': 'DENY',
  });
});

test('references to secrets are filled, whole or by key; other dynamic references are refused by resource', () => {
  const secret = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:Small-Key-1a2b3c';
  const resource = (id: string, value: string) => ({ id, type: 'T', name: id, arn: id, props: { a: [{ b: value }] } });
  const values = withSecrets(
    [
      resource('Whole', `x{{resolve:secretsmanager:${secret}:SecretString:::}}y`),
      resource('Key', `{{resolve:secretsmanager:name:SecretString:user::}}`),
    ],
    (id) => (id === secret ? 'S' : JSON.stringify({ user: 'U' })),
  );
  expect(values.map(({ props }) => props)).toEqual([{ a: [{ b: 'xSy' }] }, { a: [{ b: 'U' }] }]);
  expect(() => withSecrets([resource('Odd', '{{resolve:ssm:name}}')], () => '')).toThrow(
    /Odd \(T\) uses \{\{resolve:ssm:name\}\}/,
  );
});

test('an assembly of two stacks, or one with a missing asset, is refused', () => {
  const { dir, assembly } = small();
  expect(() => assembly.asset('gone.zip')).toThrow(/has no asset gone\.zip/);
  const path = join(dir, 'manifest.json');
  const manifest = JSON.parse(readFileSync(path, 'utf8'));
  writeFileSync(path, JSON.stringify({ artifacts: { ...manifest.artifacts, Second: manifest.artifacts.Small } }));
  expect(() => readAssembly(dir, known)).toThrow(/holds 2 stacks/);
});
