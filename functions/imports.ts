import { loadSecret } from '#shared/aws/secret.ts';
import { jobTask } from '#shared/job-run.ts';
import type { Needs } from '#shared/needs.ts';
import { performs } from '#shared/tasks.ts';

export const needs: Needs = {
  what: 'chunks of long work that need memory and time: imports, exports',
  reads: 'everything',
  writes: ['job', 'event'],
  uses: ['secret', 'address', 'files', 'copy'],
  timeout: 300,
  memory: 2048,
  storage: 2048,
};

export const handler = performs([jobTask([], 'imports')], loadSecret);
