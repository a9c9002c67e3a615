import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { lockFolder } from '#local/lock.ts';

function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'lock-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

test('a folder is taken once, and free again after it was let go', () => {
  const dir = join(folder(), 'new');
  const release = lockFolder(dir);
  expect(() => lockFolder(dir)).toThrow(`process ${process.pid}`);
  release();
  expect(existsSync(join(dir, 'cloud.lock'))).toBe(false);
  lockFolder(dir)();
});

test('the lock of a process that is gone is taken over', () => {
  const dir = folder();
  const { pid } = spawnSync('true');
  writeFileSync(join(dir, 'cloud.lock'), JSON.stringify({ pid, started: '1' }));
  expect(() => lockFolder(dir)()).not.toThrow();
});

test('the lock of a process whose number now belongs to another is taken over', () => {
  const dir = folder();
  writeFileSync(join(dir, 'cloud.lock'), JSON.stringify({ pid: process.pid, started: 'before the last restart' }));
  expect(() => lockFolder(dir)()).not.toThrow();
});

test('a folder that cannot be used is named', () => {
  const file = join(folder(), 'file');
  writeFileSync(file, '');
  expect(() => lockFolder(join(file, 'data'))).toThrow(/data folder .*file\/data cannot be used/);
});
