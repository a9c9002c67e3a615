import type { Needs } from '#shared/needs.ts';

export const needs: Needs = {
  what: 'sends letters and hears what became of them; nothing else may send',
  reads: ['letter', 'address', 'setting', 'approval', 'ask', 'user', 'idem', 'event'],
  writes: ['letter', 'address', 'event', 'idem'],
  uses: ['secret', 'mail', 'address'],
  timeout: 120,
  memory: 512,
};

export const handler = async (): Promise<void> => {};
