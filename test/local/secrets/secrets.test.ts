import { DatabaseSync } from 'node:sqlite';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterEach, expect, it } from 'vitest';
import type { Resource } from '#local/contract.ts';
import { identityPolicies } from '#local/iam/identity.ts';
import { startSecrets, type Secrets } from '#local/secrets/secrets.ts';
import { callingAs, frontParts, handClock } from '#test/support/front.ts';

const arn = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:AppSecret';
const secret: Resource = {
  id: 'AppSecret',
  type: 'AWS::SecretsManager::Secret',
  name: arn,
  arn,
  props: {
    Name: 'sdelka/app',
    GenerateSecretString: {
      SecretStringTemplate: '{"origin":"x"}',
      GenerateStringKey: 'key',
      PasswordLength: 64,
      ExcludePunctuation: true,
      ExcludeCharacters: 'abc',
    },
  },
};
const role: Resource = {
  id: 'ApiRole',
  type: 'AWS::IAM::Role',
  name: 'api',
  arn: 'arn:api',
  props: {
    Policies: [
      {
        PolicyName: 'read',
        PolicyDocument: { Statement: { Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: arn } },
      },
    ],
  },
};
const resources = [secret, role];
const db = new DatabaseSync(':memory:');
const clock = handClock('2026-11-23T10:00:00Z');
let secrets: Secrets;
const start = async () => {
  secrets = await startSecrets({ ...frontParts(), resources, db, clock, authorize: identityPolicies(resources) });
};
const read = (caller: string, SecretId = arn) =>
  new SecretsManagerClient({ ...callingAs(caller), endpoint: secrets.url }).send(
    new GetSecretValueCommand({ SecretId }),
  );
afterEach(() => secrets.stop());

it('makes the value once as the template says, and keeps it over a restart', async () => {
  await start();
  const { SecretString = '', Name, CreatedDate } = await read('ApiRole.w1');
  expect(JSON.parse(SecretString)).toEqual({ origin: 'x', key: expect.stringMatching(/^[d-zA-Z0-9]{64}$/) });
  expect([Name, CreatedDate]).toEqual(['sdelka/app', new Date(clock.now())]);
  expect(secrets.value(arn)).toBe(SecretString);
  await secrets.stop();
  await start();
  expect((await read('ApiRole', 'sdelka/app')).SecretString).toBe(SecretString);
});

it('refuses a role without the grant, and a secret that is not there', async () => {
  await start();
  await expect(read('OtherRole')).rejects.toMatchObject({ name: 'AccessDeniedException' });
  await expect(read('ApiRole', 'none')).rejects.toThrow(/secretsmanager:GetSecretValue on resource: none/);
  await expect(read('local-root', 'none')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});
