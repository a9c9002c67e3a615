import type { Needs } from '#shared/needs.ts';

export const needs: Needs = {
  what: 'the API for signed-in users',
  reads: 'everything',
  writes: [
    'setting',
    'user',
    'team',
    'identity',
    'person',
    'was',
    'client',
    'member',
    'product',
    'raw',
    'lead',
    'leadWork',
    'deal',
    'dealWork',
    'approval',
    'order',
    'letter',
    'job',
    'secret',
    'event',
    'join',
    'idem',
  ],
  uses: ['secret', 'issuer', 'address', 'origin'],
  timeout: 20,
  memory: 1024,
};

export const handler = async (): Promise<void> => {};
