import type { Needs } from '#shared/needs.ts';

export const needs: Needs = {
  what: 'what the domains do when something happened',
  reads: 'everything',
  writes: [
    'person',
    'was',
    'identity',
    'client',
    'member',
    'raw',
    'turn',
    'lead',
    'leadWork',
    'deal',
    'dealWork',
    'approval',
    'order',
    'letter',
    'job',
    'event',
    'join',
    'idem',
  ],
  uses: ['secret', 'workflows', 'address'],
  timeout: 60,
  memory: 1024,
};

export const handler = async (): Promise<void> => {};
