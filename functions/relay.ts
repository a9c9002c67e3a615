import { relay } from '#shared/feed/relay.ts';
import type { Needs } from '#shared/needs.ts';

export const needs: Needs = {
  what: 'puts each new event into the feed and on the bus',
  reads: ['marker', 'feedHead'],
  writes: ['feed', 'marker', 'feedHead'],
  uses: ['bus'],
  timeout: 30,
  memory: 512,
};

export const handler = relay;
