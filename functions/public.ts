import { approvalPublic } from '#functions/approvals/public.ts';
import { marketingPublic } from '#functions/marketing/public.ts';
import { loadSecret } from '#shared/aws/secret.ts';
import type { Route } from '#shared/http/route.ts';
import { serve } from '#shared/http/serve.ts';
import type { Needs } from '#shared/needs.ts';

export const needs: Needs = {
  what: 'forms, hooks and links in letters: writes intake and the one decision a token opens',
  reads: ['setting', 'raw', 'rawKey', 'approval', 'token', 'user', 'secret', 'idem'],
  writes: ['raw', 'visit', 'rawKey', 'rate', 'approval', 'token', 'event'],
  uses: ['secret', 'address', 'origin'],
  timeout: 15,
  memory: 1024,
};

export const routes: readonly Route[] = [...marketingPublic, ...approvalPublic];

export const handler = serve(routes, '/public', undefined, loadSecret);
