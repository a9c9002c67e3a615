import { randomInt, randomUUID } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { Authorize, Clock, Faults, Resource, Service } from '../contract.ts';
import { AwsError, startFront, type Answer, type Call } from '../front.ts';

export type SecretsOptions = {
  resources: readonly Resource[];
  db: DatabaseSync;
  clock: Clock;
  authorize: Authorize;
  faults: Faults;
  crash(worker: string): void;
};

export type Secrets = Service & {
  url: string;
  /** The text of a secret of the template, by name or ARN, for what the boot resolves itself. */
  value(id: string): string;
};

type Generate = {
  SecretStringTemplate?: string;
  GenerateStringKey?: string;
  PasswordLength?: number;
  ExcludeCharacters?: string;
  ExcludeLowercase?: boolean;
  ExcludeUppercase?: boolean;
  ExcludeNumbers?: boolean;
  ExcludePunctuation?: boolean;
  IncludeSpace?: boolean;
};

/** Secrets Manager: each secret of the template gets its value once, and keeps it over restarts. */
export async function startSecrets(options: SecretsOptions): Promise<Secrets> {
  const secrets = options.resources.filter(({ type }) => type === 'AWS::SecretsManager::Secret');
  const stored = storedValues(options);
  const find = (id: string): Resource | undefined =>
    secrets.find(({ name, arn, props }) => [name, arn, props['Name']].includes(id));
  for (const secret of secrets) stored.ensure(secret);
  const { url, stop } = await startFront({
    service: 'secretsmanager',
    faults: options.faults,
    crash: options.crash,
    handle: (call) => Promise.resolve(serve(call, options.authorize, find, stored.get)),
  });
  return {
    name: 'secretsmanager',
    url,
    value: (id) => stored.get(find(id)?.id ?? id).value,
    pending: () => 0,
    nextDue: () => undefined,
    stop,
  };
}

type Stored = { value: string; version: string; at: number };

function serve(
  { action, caller, body }: Call,
  authorize: Authorize,
  find: (id: string) => Resource | undefined,
  get: (id: string) => Stored,
): Answer {
  const { SecretId: id = '' } = JSON.parse(body.toString()) as { SecretId?: string };
  const secret = find(id);
  authorize(caller, { action: `secretsmanager:${action}`, resource: secret?.arn ?? id });
  if (action !== 'GetSecretValue') {
    throw new AwsError('InvalidRequestException', `${action} is not part of the local cloud.`);
  }
  if (!secret) throw new AwsError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
  const { value, version, at } = get(secret.id);
  const answer = {
    ARN: secret.arn,
    Name: secret.props['Name'] ?? secret.id,
    SecretString: value,
    VersionId: version,
    VersionStages: ['AWSCURRENT'],
    CreatedDate: at / 1000,
  };
  return { status: 200, headers: { 'content-type': 'application/x-amz-json-1.1' }, body: JSON.stringify(answer) };
}

function storedValues({ db, clock }: SecretsOptions) {
  db.exec('create table if not exists secret (id text primary key, value text, version text, at integer)');
  const insert = db.prepare('insert or ignore into secret values (?, ?, ?, ?)');
  const select = db.prepare('select value, version, at from secret where id = ?');
  return {
    ensure: ({ id, props }: Resource): void => {
      const given = props['SecretString'];
      const rule = props['GenerateSecretString'] as Generate | undefined;
      insert.run(id, typeof given === 'string' ? given : generated(rule ?? {}), randomUUID(), clock.now());
    },
    get: (id: string): Stored => {
      const row = select.get(id) as Stored | undefined;
      if (!row) throw new Error(`The template has no secret ${id}.`);
      return row;
    },
  };
}

/** A value as CloudFormation's GenerateSecretString makes it: a random text, alone or as one key of a JSON template. */
function generated(rule: Generate): string {
  const alphabet = [
    rule.ExcludeLowercase ? '' : 'abcdefghijklmnopqrstuvwxyz',
    rule.ExcludeUppercase ? '' : 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
    rule.ExcludeNumbers ? '' : '0123456789',
    rule.ExcludePunctuation ? '' : '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~',
    rule.IncludeSpace ? ' ' : '',
  ].join('');
  const letters = alphabet.split('').filter((letter) => !rule.ExcludeCharacters?.includes(letter));
  const length = rule.PasswordLength ?? 32;
  const text = Array.from({ length }, () => letters[randomInt(letters.length)]).join('');
  if (!rule.GenerateStringKey) return text;
  return JSON.stringify({ ...JSON.parse(rule.SecretStringTemplate ?? '{}'), [rule.GenerateStringKey]: text });
}
