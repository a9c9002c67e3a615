import { putFile } from '#shared/aws/files.ts';
import { asEvent, events } from '#shared/events.ts';
import type { JobKind } from '#shared/jobs.ts';
import { listAll } from '#shared/table/read.ts';
import { PERSON_DATA } from './job-name.ts';
import { sources } from './person-data.ts';
import type { Held } from './person-held.ts';
import { subjectOf } from './person-subject.ts';

/** Every thing that holds something about a person, and the ids of the records that are about him alone. */
export async function allOf(personId: string): Promise<{ held: Held[]; ids: string[] }> {
  const subject = await subjectOf(personId);
  const held: Held[] = [];
  for (const source of sources) held.push(...(await source.find(subject)));
  return { held, ids: [...subject.about] };
}

/** Everything about a person, by kind. */
export async function exported(personId: string) {
  const { held, ids } = await allOf(personId);
  const data = Object.fromEntries(
    [...Map.groupBy(held, ({ kind }) => kind)].map(([kind, all]) => [kind, all.map((one) => one.data)]),
  );
  const told = (await Promise.all(ids.map((recordId) => listAll(events, { recordId })))).flat().map(asEvent);
  return { personId, data, events: told };
}

/** The same as a file, where it is too much for one answer. */
export const personDataJob: JobKind = {
  ...PERSON_DATA,
  async chunk({ jobId, input }) {
    const key = `results/${jobId}/person.json`;
    const all = await exported(String(input['personId']));
    await putFile(key, JSON.stringify(all, null, 2), 'application/json');
    return { done: Object.values(all.data).flat().length, faults: [], output: { result: key } };
  },
};
