import type { Needs } from '#shared/needs.ts';

export const needs: Needs = {
  what: 'the steps of workflows',
  reads: 'everything',
  writes: [
    'person',
    'was',
    'identity',
    'raw',
    'lead',
    'leadWork',
    'deal',
    'dealWork',
    'approval',
    'approvalRun',
    'ask',
    'token',
    'letter',
    'job',
    'event',
    'idem',
  ],
  uses: ['secret', 'address'],
  timeout: 60,
  memory: 1024,
};

export const handler = async (): Promise<void> => {};
