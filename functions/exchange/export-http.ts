import { commit } from '#shared/command.ts';
import { route } from '#shared/http/route.ts';
import { Job, startJob } from '#shared/jobs.ts';
import { NewExport } from './export-input.ts';
import { EXPORT } from './job-name.ts';

export const exportRoutes = [
  route(
    'POST /exports',
    {
      summary:
        'Writes a list to a CSV or XLSX file, as a job: any filter, sort and fields of the list, as far as the caller may see them; the file is at GET /jobs/{id}/files/result',
      rights: 'export.run',
      body: NewExport,
      returns: Job,
      status: 202,
    },
    async ({ body, user, now, newId }) => {
      // What reads lists is heavy, and few requests come here.
      const { checkQuery } = await import('#functions/reports/list.ts');
      await checkQuery(body.list, body, user, now);
      const by = { id: newId('job'), userId: user.id, keyId: user.key?.id, now };
      return commit(async () => {
        const { write, event } = startJob(EXPORT, body, by);
        return { writes: [write], events: [event], answer: write, status: 202 };
      });
    },
  ),
];
