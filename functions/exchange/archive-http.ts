import * as z from 'zod';
import { presignedUpload } from '#shared/aws/files.ts';
import { commit } from '#shared/command.ts';
import { route } from '#shared/http/route.ts';
import { Job, startJob } from '#shared/jobs.ts';
import { mustBeOwn, Upload } from './import-http.ts';
import { ARCHIVE, RESTORE } from './job-name.ts';

const MAX_BYTES = 5_000_000_000;

export const archiveRoutes = [
  route(
    'POST /archives',
    {
      summary:
        'Everything out: one archive of all records, events, files and settings with a manifest and a hash of its content, as a job; secrets are left out. It is at GET /jobs/{id}/files/result',
      rights: 'archive.run',
      returns: Job,
      status: 202,
    },
    async ({ user, now, newId }) => {
      const by = { id: newId('job'), userId: user.id, keyId: user.key?.id, now };
      return commit(async () => {
        const { write, event } = startJob(ARCHIVE, {}, by);
        return { writes: [write], events: [event], answer: write, status: 202 };
      });
    },
  ),

  route(
    'POST /archives/uploads',
    {
      summary: 'Where to send an archive of another installation: the address and the fields of a form',
      rights: 'archive.run',
      repeatable: true,
      returns: Upload,
      status: 201,
    },
    async ({ user, newId }) => {
      const file = `uploads/${user.id}/${newId('archive')}.zip`;
      return { file, ...(await presignedUpload(file, { maxBytes: MAX_BYTES, type: 'application/zip' })) };
    },
  ),

  route(
    'POST /archives/import',
    {
      summary:
        'Brings an archive into an empty installation, as a job: its own archive then has the same hash. Refused when there is anything but the admin who asks, or when he is no user of the archive; afterwards he is that user',
      rights: 'archive.run',
      body: z.object({ file: z.string().max(300) }),
      returns: Job,
      status: 202,
    },
    async ({ body, user, now, newId }) => {
      mustBeOwn(body.file, user);
      const by = { id: newId('job'), userId: user.id, keyId: user.key?.id, now };
      return commit(async () => {
        const input = { file: body.file, admin: { id: user.id, email: user.email } };
        const { write, event } = startJob(RESTORE, input, by);
        return { writes: [write], events: [event], answer: write, status: 202 };
      });
    },
  ),
];
