import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { doorkeeper } from '#functions/auth/doorkeeper.ts';
import { issuer } from '#functions/auth/issuer.ts';
import { archiveJob } from '#functions/exchange/archive-job.ts';
import { archivedKinds } from '#functions/exchange/archive-kind.ts';
import { bulkJob } from '#functions/exchange/bulk-job.ts';
import { exportJob } from '#functions/exchange/export-job.ts';
import { handOverJob } from '#functions/exchange/hand-over-job.ts';
import { importJob } from '#functions/exchange/import-job.ts';
import { personDataJob } from '#functions/exchange/person-export.ts';
import { previewRoutes } from '#functions/exchange/preview-http.ts';
import { restoreJob } from '#functions/exchange/restore-job.ts';
import { undoJob } from '#functions/exchange/undo-job.ts';
import { loadSecret } from '#shared/aws/secret.ts';
import type { Route } from '#shared/http/route.ts';
import { serve } from '#shared/http/serve.ts';
import { jobTask } from '#shared/job-run.ts';
import type { Needs } from '#shared/needs.ts';
import { performs } from '#shared/tasks.ts';

export const needs: Needs = {
  what: 'chunks of long work that need memory and time: imports, exports',
  reads: 'everything',
  writes: [
    ...(['job', 'jobRow', 'importedFile', 'event', 'idem'] as const),
    // An archive holds records of every kind, and its events get their places in the feed with it.
    ...archivedKinds,
    ...(['feed', 'feedHead', 'marker'] as const),
    // A first sign-in is bound, and the use of a key noted, here as well as in `api`.
    'keyUse',
  ],
  // Claims that are free again; the admin of an empty installation, once he is there as the one he is in an archive.
  removes: ['identity', 'user'],
  scans: true,
  uses: ['secret', 'issuer', 'origin', 'address', 'files', 'copy'],
  timeout: 300,
  memory: 2048,
  storage: 2048,
};

/** What the HTTP API sends here instead of to `api`. */
export const paths: readonly string[] = ['/api/imports/preview'];

export const routes: readonly Route[] = [...previewRoutes];

const served = serve(routes, '/api', doorkeeper(issuer), loadSecret);
const performed = performs(
  [jobTask([importJob, exportJob, bulkJob, handOverJob, undoJob, personDataJob, archiveJob, restoreJob], 'imports')],
  loadSecret,
);

export const handler = async (asked: unknown, context: Context): Promise<unknown> =>
  typeof asked === 'object' && asked !== null && 'rawPath' in asked
    ? served(asked as APIGatewayProxyEventV2, context)
    : performed(asked, context);
