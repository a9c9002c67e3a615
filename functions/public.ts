import type { Needs } from '#shared/needs.ts';

export const needs: Needs = {
  what: 'forms, hooks and links in letters: writes intake and the one decision a token opens',
  reads: ['setting', 'raw', 'rawKey', 'rate', 'approval', 'ask', 'token', 'secret', 'idem', 'event'],
  writes: ['raw', 'rawKey', 'rate', 'approval', 'token', 'event', 'idem'],
  uses: ['secret', 'address', 'origin'],
  timeout: 15,
  memory: 1024,
};

export const handler = async (): Promise<void> => {};
