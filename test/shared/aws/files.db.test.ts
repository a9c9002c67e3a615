import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Resource } from '#local/contract.ts';
import { type Files, startFiles } from '#local/files/files.ts';
import { identityPolicies } from '#local/iam/identity.ts';
import { getFile, listFiles, openFile, presignedDownload, presignedUpload, putFile } from '#shared/aws/files.ts';
import { frontParts, handClock } from '#test/support/front.ts';

const bucket: Resource = { id: 'Files', type: 'AWS::S3::Bucket', name: 'files', arn: 'arn:aws:s3:::files', props: {} };
const role: Resource = {
  id: 'Role',
  type: 'AWS::IAM::Role',
  name: 'role',
  arn: 'arn:role',
  props: {
    Policies: [
      {
        PolicyName: 'files',
        PolicyDocument: {
          Statement: [
            { Effect: 'Allow', Action: ['s3:GetObject', 's3:PutObject'], Resource: 'arn:aws:s3:::files/uploads/*' },
            { Effect: 'Allow', Action: 's3:ListBucket', Resource: 'arn:aws:s3:::files' },
          ],
        },
      },
    ],
  },
};
const dir = mkdtempSync(join(tmpdir(), 'files-'));
let files: Files;
beforeAll(async () => {
  files = await startFiles({
    resources: [bucket, role],
    dir,
    db: new DatabaseSync(':memory:'),
    clock: { ...handClock('2026-01-01T00:00:00Z'), now: () => Date.now() },
    ...frontParts(),
    authorize: identityPolicies([bucket, role]),
    publish: () => undefined,
  });
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_S3: files.url,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'Role.worker',
    AWS_SECRET_ACCESS_KEY: 'local',
    FILES_BUCKET: 'files',
  });
});
afterAll(async () => {
  await files.stop();
  rmSync(dir, { recursive: true });
});

const type = 'text/csv';
async function post(
  { url, fields }: Awaited<ReturnType<typeof presignedUpload>>,
  body: Blob,
  change: Record<string, string> = {},
) {
  const form = new FormData();
  for (const [name, value] of Object.entries({ ...fields, ...change })) form.set(name, value);
  form.set('file', body, 'leads.csv');
  return fetch(url, { method: 'POST', body: form });
}

it('a browser posts a file by the form it was given, and saves it under the name it should have', async () => {
  const content = 'имя;телефон\nАнна;+79990000000\n';
  const given = await presignedUpload('uploads/upload_1', { maxBytes: 1000, type });
  expect((await post(given, new Blob([content]))).status).toBe(204);
  const saved = await fetch(await presignedDownload('uploads/upload_1', 'Лиды/май.csv'));
  expect(await saved.text()).toBe(content);
  expect([saved.headers.get('content-disposition'), saved.headers.get('content-type')]).toEqual([
    `attachment; filename="________.csv"; filename*=UTF-8''${encodeURIComponent('Лиды_май.csv')}`,
    type,
  ]);
});

it('a file of many megabytes comes whole', async () => {
  const bytes = Buffer.alloc(20_000_000, 'имя;телефон\n');
  const given = await presignedUpload('uploads/large', { maxBytes: 25_000_000, type });
  expect((await post(given, new Blob([bytes]))).status).toBe(204);
  expect((await getFile('uploads/large'))?.equals(bytes)).toBe(true);
});

it.each([
  ['one byte over its limit', 'x'.repeat(11), {}, 400, 'EntityTooLarge'],
  ['empty', '', {}, 400, 'EntityTooSmall'],
  ['of another type', 'x', { 'Content-Type': 'text/html' }, 403, 'AccessDenied'],
  ['under another key', 'x', { key: 'uploads/another' }, 403, 'AccessDenied'],
])('a file that is %s is refused, and nothing is kept', async (_, content, change, status, code) => {
  const given = await presignedUpload('uploads/refused', { maxBytes: 10, type });
  const answer = await post(given, new Blob([content]), change);
  expect([answer.status, /<Code>(\w+)/.exec(await answer.text())?.[1]]).toEqual([status, code]);
  expect(await getFile('uploads/refused')).toBeUndefined();
  expect(await getFile('uploads/another')).toBeUndefined();
});

it('an address has the rights of the function that made it, no more', async () => {
  const given = await presignedUpload('kept/1', { maxBytes: 10, type });
  expect((await post(given, new Blob(['x']))).status).toBe(403);
  expect((await fetch(await presignedDownload('copy/1', 'x'))).status).toBe(403);
});

it('functions keep, open and list files, from memory or as a stream', async () => {
  await putFile('uploads/list/a', 'first', 'text/plain');
  const bytes = Buffer.alloc(300_000, 'second');
  await putFile('uploads/list/b', { stream: Readable.from([bytes]), size: bytes.length }, 'text/plain');
  const listed: unknown[] = [];
  for await (const one of listFiles('uploads/list/')) listed.push(one);
  expect(listed).toEqual([
    { key: 'uploads/list/a', size: 5 },
    { key: 'uploads/list/b', size: bytes.length },
  ]);
  expect((await getFile('uploads/list/b'))?.equals(bytes)).toBe(true);
  expect(await openFile('uploads/list/a')).toMatchObject({ size: 5, type: 'text/plain' });
  expect(await openFile('uploads/list/none')).toBeUndefined();
});
