import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Readable } from 'node:stream';
import {
  CopyObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Resource } from '#local/contract.ts';
import { startFiles, type Files, type FilesOptions } from '#local/files/files.ts';
import { identityPolicies } from '#local/iam/identity.ts';
import { callingAs, frontParts, handClock } from '#test/support/front.ts';

const bucket: Resource = {
  id: 'Files',
  type: 'AWS::S3::Bucket',
  name: 'files',
  arn: 'arn:aws:s3:::files',
  props: {
    NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: true } },
    CorsConfiguration: {
      CorsRules: [{ AllowedOrigins: ['https://crm.example'], AllowedMethods: ['PUT'], AllowedHeaders: ['*'] }],
    },
  },
};
const role: Resource = {
  id: 'ImportsRole',
  type: 'AWS::IAM::Role',
  name: 'imports',
  arn: 'arn:imports',
  props: {
    Policies: [
      {
        PolicyName: 'files',
        PolicyDocument: {
          Statement: [
            { Effect: 'Allow', Action: ['s3:GetObject', 's3:PutObject'], Resource: 'arn:aws:s3:::files/in/*' },
          ],
        },
      },
    ],
  },
};
const queue: Resource = {
  id: 'Dead',
  type: 'AWS::SQS::Queue',
  name: 'http://sqs/000000000000/dead',
  arn: 'arn:dead',
  props: {},
};
const resources = [bucket, role, queue];
const dir = mkdtempSync(join(tmpdir(), 'files-'));
const clock = handClock('2026-11-23T10:00:00Z');
const db = new DatabaseSync(':memory:');
type Event = {
  'detail-type': string;
  detail: { object: { key: string; size?: number; etag?: string }; reason: string };
};
let events: Event[] = [];
const options: FilesOptions = {
  resources,
  dir,
  db,
  clock,
  ...frontParts(),
  authorize: identityPolicies(resources),
  publish: (event) => void events.push(event as Event),
};
let files: Files;
let root: S3Client;
let imports: S3Client;
const clientAs = (caller: string) => new S3Client({ ...callingAs(caller), endpoint: files.url, maxAttempts: 1 });
const start = async () => {
  files = await startFiles(options);
  root = clientAs('local-root');
  imports = clientAs('ImportsRole.worker-1');
};
beforeAll(async () => {
  await start();
});
beforeEach(() => (events = []));
afterAll(async () => {
  await files.stop();
  rmSync(dir, { recursive: true });
});

const at = (Key: string) => ({ Bucket: 'files', Key });
const read = async (client: S3Client, key: string) => {
  const { Body } = await client.send(new GetObjectCommand(at(key)));
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
};

it('keeps objects, names with spaces and Cyrillic too, and tells of each change once', async () => {
  const key = 'in/выписка за май.txt';
  await imports.send(new PutObjectCommand({ ...at(key), Body: 'Секция', ContentType: 'text/plain' }));
  expect((await read(imports, key)).toString()).toBe('Секция');
  await root.send(new CopyObjectCommand({ ...at('copy'), CopySource: `files/${encodeURIComponent(key)}` }));
  const listed = await root.send(new ListObjectsV2Command({ Bucket: 'files', Prefix: 'in/' }));
  expect(listed.Contents?.map(({ Key }) => Key)).toEqual([key]);
  await root.send(new DeleteObjectsCommand({ Bucket: 'files', Delete: { Objects: [{ Key: key }, { Key: 'copy' }] } }));
  expect(events.map(({ 'detail-type': type, detail }) => [type, detail.object.key, detail.reason])).toEqual([
    ['Object Created', key, 'PutObject'],
    ['Object Created', 'copy', 'CopyObject'],
    ['Object Deleted', key, 'DeleteObject'],
    ['Object Deleted', 'copy', 'DeleteObject'],
  ]);
  expect(events[0]?.detail.object).toMatchObject({ size: 12, etag: createHash('md5').update('Секция').digest('hex') });
});

it('stores a body of any size, also a streamed one', async () => {
  const large = Buffer.alloc(20 * 1024 * 1024, 'sdelka ');
  await root.send(new PutObjectCommand({ ...at('large'), Body: large, Metadata: { kind: 'copy' } }));
  expect((await read(root, 'large')).equals(large)).toBe(true);
  const stream = Readable.from([large.subarray(0, 9_000_000), large.subarray(9_000_000)]);
  await root.send(new PutObjectCommand({ ...at('streamed'), Body: stream, ContentLength: large.length }));
  expect((await read(root, 'streamed')).equals(large)).toBe(true);
  const { Metadata } = await root.send(new HeadObjectCommand(at('large')));
  expect(Metadata).toEqual({ kind: 'copy' });
  expect(events.map(({ detail }) => [detail.object.key, detail.object.size])).toEqual([
    ['large', large.length],
    ['streamed', large.length],
  ]);
});

it('refuses what the role does not grant, and hides from it what is absent', async () => {
  await expect(imports.send(new PutObjectCommand({ ...at('out/a'), Body: 'x' }))).rejects.toMatchObject({
    name: 'AccessDenied',
    message: expect.stringContaining(
      'role ImportsRole is not authorized to perform: s3:PutObject on resource: arn:aws:s3:::files/out/a',
    ),
  });
  await expect(imports.send(new ListObjectsV2Command({ Bucket: 'files' }))).rejects.toThrow(/s3:ListBucket/);
  await expect(imports.send(new GetObjectCommand(at('in/absent')))).rejects.toMatchObject({ name: 'AccessDenied' });
  await expect(root.send(new GetObjectCommand(at('in/absent')))).rejects.toMatchObject({ name: 'NoSuchKey' });
  await root.send(new PutObjectCommand({ ...at('secret'), Body: 'x' }));
  const copy = new CopyObjectCommand({ ...at('in/stolen'), CopySource: 'files/secret' });
  await expect(imports.send(copy)).rejects.toThrow(/s3:GetObject on resource: arn:aws:s3:::files\/secret/);
});

it('lets only the first of several writers create an object with If-None-Match', async () => {
  const create = (Body: string) => root.send(new PutObjectCommand({ ...at('once'), Body, IfNoneMatch: '*' }));
  const settled = await Promise.allSettled(['a', 'b', 'c', 'd'].map(create));
  expect(settled.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected', 'rejected', 'rejected']);
  await expect(create('e')).rejects.toMatchObject({ name: 'PreconditionFailed' });
  const { ETag } = await root.send(new HeadObjectCommand(at('once')));
  await root.send(new PutObjectCommand({ ...at('once'), Body: 'next', IfMatch: ETag }));
  await expect(root.send(new PutObjectCommand({ ...at('once'), Body: 'late', IfMatch: ETag }))).rejects.toThrow(
    /pre-conditions/,
  );
  expect((await read(root, 'once')).toString()).toBe('next');
});

const presigned = (key: string, more: Record<string, string> = {}) =>
  `${files.url}/files/${key}?${new URLSearchParams({
    'X-Amz-Credential': 'ImportsRole.w/20261123/us-east-1/s3/aws4_request',
    'X-Amz-Date': '20261123T100000Z',
    'X-Amz-Expires': '600',
    ...more,
  })}`;

it('takes presigned addresses with their rights, until they expire, and sets the headers they ask for', async () => {
  expect((await fetch(presigned('in/p'), { method: 'PUT', body: 'hello' })).status).toBe(200);
  expect((await fetch(presigned('out/p'), { method: 'PUT', body: 'hello' })).status).toBe(403);
  const got = await fetch(presigned('in/p', { 'response-content-disposition': 'attachment; filename="p.txt"' }));
  expect([got.headers.get('content-disposition'), await got.text()]).toEqual(['attachment; filename="p.txt"', 'hello']);
  clock.moveTo(clock.now() + 601_000);
  const late = await fetch(presigned('in/p'));
  expect([late.status, await late.text()]).toEqual([403, expect.stringContaining('Request has expired')]);
});

it.each([
  ['in time, of the right size', 'in/form', 'hello', 600, 204],
  ['too large', 'in/form', 'hello world', 600, 400],
  ['under another name', 'in/other', 'hello', 600, 403],
  ['too late', 'in/form', 'hello', -1, 403],
])('takes a presigned form: %s', async (_title, key, text, seconds, status) => {
  const form = new FormData();
  const policy = {
    expiration: new Date(clock.now() + seconds * 1000).toISOString(),
    conditions: [{ bucket: 'files' }, ['eq', '$key', 'in/form'], ['content-length-range', 1, 10]],
  };
  form.set('key', key);
  form.set('X-Amz-Credential', 'ImportsRole.w/20261123/us-east-1/s3/aws4_request');
  form.set('Policy', Buffer.from(JSON.stringify(policy)).toString('base64'));
  form.set('file', new Blob([text]), 'a.txt');
  expect((await fetch(`${files.url}/files`, { method: 'POST', body: form })).status).toBe(status);
  expect(events.map(({ detail }) => [detail.object.key, detail.reason])).toEqual(
    status === 204 ? [['in/form', 'PostObject']] : [],
  );
});

it.each([
  ['https://crm.example', 'PUT', 200],
  ['http://127.0.0.1:4000', 'PUT', 200],
  ['https://other.example', 'PUT', 403],
  ['https://crm.example', 'DELETE', 403],
])('answers the browser of %s that wants to %s by the rules of the template', async (origin, method, status) => {
  const headers = { origin, 'access-control-request-method': method };
  const answer = await fetch(`${files.url}/files/in/p`, { method: 'OPTIONS', headers });
  expect(answer.status).toBe(status);
  expect(answer.headers.get('access-control-allow-origin')).toBe(status === 200 ? origin : null);
});

it('keeps objects and messages over a restart, and tells of a change that was cut off before it was told', async () => {
  await root.send(new PutObjectCommand({ ...at('in/kept'), Body: 'kept' }));
  files.sendMessage('arn:aws:sqs:us-east-1:000000000000:dead', '{"failed":true}');
  await files.stop();
  db.exec(`insert into file_change (bucket, key, type, reason) values
    ('files', 'in/kept', 'Object Created', 'PutObject'), ('files', 'in/never', 'Object Created', 'PutObject')`);
  events = [];
  await start();
  expect((await read(root, 'in/kept')).toString()).toBe('kept');
  expect(events.map(({ detail }) => detail.object.key)).toEqual(['in/kept']);
  expect(files.messages('dead')).toEqual(['{"failed":true}']);
});
