import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import * as z from 'zod';
import { doorkeeper } from '#functions/auth/doorkeeper.ts';
import { issuer } from '#functions/auth/issuer.ts';
import { duplicateSearchRoutes } from '#functions/reports/duplicate-http.ts';
import { listRoutes } from '#functions/reports/list-http.ts';
import { figureRoutes } from '#functions/reports/figure-http.ts';
import { listFieldRoutes } from '#functions/reports/list-field-http.ts';
import { segmentRoutes } from '#functions/reports/segment-http.ts';
import { loadSecret } from '#shared/aws/secret.ts';
import type { Route } from '#shared/http/route.ts';
import { serve } from '#shared/http/serve.ts';
import { instantOf, systemNow } from '#shared/time.ts';
import type { Needs } from '#shared/needs.ts';

export const needs: Needs = {
  what: 'search, lists, segments and reports over the read copy',
  reads: 'everything',
  // A first sign-in is bound, and the use of a key noted, here as well as in `api`.
  writes: ['user', 'identity', 'keyUse', 'was', 'event', 'idem', 'segment', 'segmentMember', 'channelWatch'],
  uses: ['secret', 'issuer', 'origin', 'copy', 'files'],
  // For snapshots; a request is cut off at 30 s by the HTTP API.
  timeout: 300,
  // One whole core.
  memory: 1769,
  storage: 2048,
};

/** What the HTTP API sends here instead of to `api`. */
export const paths: readonly string[] = [
  '/api/lists',
  '/api/lists/{proxy+}',
  '/api/search',
  '/api/search/{proxy+}',
  '/api/reports/{proxy+}',
  '/api/segments',
  '/api/segments/{proxy+}',
];

export const routes: readonly Route[] = [
  ...duplicateSearchRoutes,
  ...listFieldRoutes,
  ...listRoutes,
  ...segmentRoutes,
  ...figureRoutes,
];

const served = serve(routes, '/api', doorkeeper(issuer), loadSecret);

/** What the clock asks for; everything else is a request. */
const Asked = z.object({
  snapshot: z.literal(true).optional(),
  segments: z.literal(true).optional(),
  watch: z.literal('channels').optional(),
});

export const handler = async (asked: unknown, context: Context): Promise<unknown> => {
  const wish = Asked.safeParse(asked).data;
  if (wish?.snapshot) return snapshot(context);
  if (wish?.segments) return followSegments(context);
  if (wish?.watch) return watch(context);
  return served(asked as APIGatewayProxyEventV2, context);
};

async function snapshot({ getRemainingTimeInMillis }: Context): Promise<unknown> {
  await loadSecret();
  const [{ writeSnapshot }, { tables }, { DataErased }] = await Promise.all([
    import('#shared/read/open.ts'),
    import('#functions/reports/lists.ts'),
    import('#functions/exchange/erasure.ts'),
  ]);
  return writeSnapshot(tables, {
    deadline: systemNow() + getRemainingTimeInMillis() - 30_000,
    erased: DataErased.name,
  });
}

/** Stops well before the minute is over: the next one goes on. */
const SEGMENTS_MS = 45_000;

async function followSegments({ awsRequestId: requestId }: Context): Promise<unknown> {
  await loadSecret();
  const { sweepSegments } = await import('#functions/reports/segment-sweep.ts');
  const deadline = systemNow() + SEGMENTS_MS;
  return sweepSegments({ now: instantOf(systemNow()), requestId, deadline }, () => systemNow() < deadline);
}

async function watch({ awsRequestId: requestId, getRemainingTimeInMillis }: Context): Promise<unknown> {
  await loadSecret();
  const { watchChannels } = await import('#functions/reports/channel-watch.ts');
  const deadline = systemNow() + getRemainingTimeInMillis() - 10_000;
  return watchChannels({ now: instantOf(systemNow()), requestId, deadline });
}
