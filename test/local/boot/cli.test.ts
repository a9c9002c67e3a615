import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { smallAssembly } from '#test/support/small-assembly.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');

function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'cli-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

function assembly(extra: Record<string, unknown> = {}): string {
  const dir = smallAssembly(extra);
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** Runs a program of the local cloud to its end; the answer is its exit code and what it wrote to standard error. */
function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env) {
  const { status, stderr, stdout } = spawnSync(process.execPath, [`local/${program}.ts`, ...args], {
    cwd: ROOT,
    env,
    encoding: 'utf8',
    timeout: 30_000,
  });
  return { status, stderr, stdout };
}

/** Flags for a cloud that will not come up; its folder is empty but for what it writes on the way. */
const flags = (data: string, dir: string): string[] => [
  '--quiet',
  '--port',
  '47310',
  '--data',
  data,
  '--assembly',
  dir,
];

test.each([
  [['--prot', '4100'], /Unknown option '--prot'/],
  [['--port', 'home'], /--port home: not a port/],
  [['--port', '65535'], /--port 65535: not a port/],
  [['start'], /Unexpected argument 'start'/],
])('flags that make no sense (%s) are answered with what there is', (args, message) => {
  const { status, stderr } = run('main', args);
  expect(status).toBe(1);
  expect(stderr).toMatch(message);
  expect(stderr).toContain('npm start -- [--port 4000]');
});

test('help is printed on request', () => {
  const { status, stdout } = run('main', ['--help']);
  expect(status).toBe(0);
  expect(stdout).toContain('--rough [SEED]');
});

test('without Java the start says how to get it', () => {
  const path = folder();
  symlinkSync('/bin/sh', join(path, 'sh'));
  symlinkSync('/bin/cat', join(path, 'cat'));
  const { status, stderr } = run('main', flags(folder(), assembly()), { ...process.env, PATH: path });
  expect(status).toBe(1);
  expect(stderr).toMatch(/^Java was not found\. .*openjdk-17/);
});

test.each<[string, Record<string, unknown>, RegExp]>([
  [
    'an intrinsic',
    { Odd: { Type: 'AWS::SQS::Queue', Properties: { Tags: { 'Fn::Cidr': [] } } } },
    /^The template cannot be run: Odd \(AWS::SQS::Queue\), property Tags: .*Fn::Cidr.*\n$/,
  ],
  [
    'a policy',
    { Odd: { Type: 'AWS::IAM::Role', Properties: { PermissionsBoundary: 'arn:x' } } },
    /role Odd: element PermissionsBoundary/,
  ],
  [
    'a route',
    {
      Odd: {
        Type: 'AWS::ApiGatewayV2::Route',
        Properties: { ApiId: 'x', RouteKey: 'GET /', Target: 'integrations/none' },
      },
    },
    /Route Odd points at integrations\/none/,
  ],
])('%s that cannot be run stops the start by name, and nothing stays behind', (_, extra, message) => {
  const data = folder();
  const { status, stderr } = run('main', flags(data, assembly(extra)));
  expect(status).toBe(1);
  expect(stderr).toMatch(message);
  expect(readdirSync(data)).not.toContain('cloud.lock');
});

test('a template that is not there, and a data folder that cannot be used, are named', () => {
  expect(run('main', flags(folder(), '/nowhere')).stderr).toMatch(
    /^The synthesized template cannot be read: \/nowhere\/manifest\.json/,
  );
  const file = join(folder(), 'file');
  writeFileSync(file, '');
  expect(run('main', flags(file, assembly())).stderr).toMatch(/^The data folder .* cannot be used/);
  const broken = folder();
  writeFileSync(
    join(broken, 'cloud.db'),
    'this is not a database, and long enough to be looked at by the one that opens it',
  );
  chmodSync(join(broken, 'cloud.db'), 0o600);
  expect(run('main', flags(broken, assembly())).stderr).toMatch(/^The database .*cloud\.db cannot be opened/);
});

test('a token needs a running cloud, and one of role and e-mail', () => {
  expect(run('token', ['--role', 'seller', '--port', '47310'])).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('No local cloud answers at http://127.0.0.1:47311'),
  });
  expect(run('token', []).stderr).toMatch(/^Give one of --role and --email/);
});
