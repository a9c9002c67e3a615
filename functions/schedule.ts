import type { Needs } from '#shared/needs.ts';

export const needs: Needs = {
  what: 'sweeps: feeds again what was lost on the way',
  reads: 'everything',
  writes: ['sweep', 'feed', 'marker', 'feedHead'],
  scans: true,
  uses: ['bus', 'failures'],
  timeout: 300,
  memory: 512,
};

export const handler = async (): Promise<void> => {};
