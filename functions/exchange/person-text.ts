import { consents, consentsOf } from '#functions/clients/consent-store.ts';
import { names } from '#functions/clients/redaction.ts';
import type { Letter } from '#functions/mail/letter.ts';
import { addresses, letters } from '#functions/mail/store.ts';
import { raws } from '#functions/marketing/store.ts';
import { addressHash } from '#shared/address-hash.ts';
import { externalIds, externalIdsOf, released } from '#shared/external-id.ts';
import { jobRows } from '#shared/job-rows.ts';
import { getMany, listAll, listWhole } from '#shared/table/read.ts';
import { DataErased } from './erasure.ts';
import { mergeRows, merges } from './merge.ts';
import { emptied, held, type Held, type Source } from './person-held.ts';
import { every, type Subject } from './person-subject.ts';

/** Bodies may be kept as bytes: what they say is looked for in the text they hold. */
const textOf = ({ body, encoding }: { body: string; encoding: 'utf8' | 'base64' }): string =>
  Buffer.from(body, encoding).toString('utf8');
const NO_REQUEST = { body: '', encoding: 'utf8', address: '', origin: undefined, userAgent: undefined } as const;

/** Requests as they came: those of his leads, and those that wait for a person and name an address of his. */
export const requestsOf: Source = {
  kind: 'request',
  async find({ leads, addresses: his }) {
    const ids = leads.flatMap(({ rawId }) => (rawId === undefined ? [] : [rawId]));
    const own = await getMany(
      raws,
      ids.map((id) => ({ id })),
    );
    const waiting = await Promise.all(
      (['quarantined', 'unmapped'] as const).map((attention) =>
        every((cursor) => listWhole(raws, 'gsi3', { attention }, { limit: 100, cursor })),
      ),
    );
    const known = new Set(ids);
    const others = waiting.flat().filter((raw) => !known.has(raw.id) && names(textOf(raw), his));
    return held(raws, [...own, ...others], () => NO_REQUEST);
  },
};

/** A letter to him says nothing any more; one about him to somebody else keeps whom it went to. */
const quiet = ({ to, state }: Letter, his: readonly string[], ids: ReadonlySet<string>): Partial<Letter> => {
  const isHis = his.includes(to.email) || (to.personId !== undefined && ids.has(to.personId));
  const waits = state === 'queued';
  return {
    subject: undefined,
    html: undefined,
    text: undefined,
    ...(isHis && { to: { email: '', ...(to.personId !== undefined && { personId: to.personId }) } }),
    ...(waits && { state: 'not_sent', reason: 'erased', priority: undefined, shard: undefined, dueAt: undefined }),
  };
};

export const lettersAbout: Source = {
  kind: 'letter',
  async find({ people, leads, clients, deals, led, orders, activities, letterIds, addresses: his }) {
    const subjects = [...people, ...leads, ...clients, ...deals, ...led, ...orders, ...activities];
    const about = await Promise.all(
      subjects.map(({ id: recordId }) =>
        every((cursor) => listWhole(letters, 'gsi2', { recordId }, { limit: 100, cursor })),
      ),
    );
    const standing = await getMany(
      letters,
      letterIds.map((id) => ({ id })),
    );
    const all = [...new Map([...about.flat(), ...standing].map((letter) => [letter.id, letter])).values()];
    const ids = new Set(people.map(({ id }) => id));
    return held(letters, all, (letter) => quiet(letter, his, ids));
  },
};

/** That an address gets no letters stays known, as a hash. */
export const stopsOf: Source = {
  kind: 'suppression',
  async find({ addresses: his }) {
    const found = await getMany(
      addresses,
      his.filter((one) => !one.startsWith('+')).map((email) => ({ email })),
    );
    return found.map((stop): Held => ({
      kind: 'suppression',
      id: addressHash(stop.email),
      data: stop,
      empty: () => async (read) => {
        const there = await read.get(addresses, { email: stop.email });
        if (!there) return undefined;
        return {
          writes: [addresses.put({ ...there, email: addressHash(there.email) })],
          removes: [{ key: addresses.key({ email: there.email }) }],
        };
      },
    }));
  },
};

/** What he said about his addresses stays known of them, without them. */
export const consentsHeld: Source = {
  kind: 'consent',
  async find({ addresses: his }) {
    const found = (await Promise.all(his.map(consentsOf))).flat();
    return found.map((consent): Held => ({
      kind: 'consent',
      id: consents.recordId(consent),
      data: consent,
      empty:
        ({ erasureId }) =>
        async (read) => {
          const there = await read.get(consents, consent);
          if (!there || (there.address === undefined && there.ip === undefined && there.proof === undefined))
            return undefined;
          const write = consents.save(there, { address: undefined, ip: undefined, proof: undefined });
          return { writes: [write], events: [DataErased.of(write, { erasureId })] };
        },
    }));
  },
};

/** What other systems call him stands for nobody any more. */
export const namesElsewhere: Source = {
  kind: 'external-id',
  async find({ people, clients }) {
    const all = (await Promise.all([...people, ...clients].map(({ id }) => externalIdsOf(id)))).flat();
    return all.map((name): Held => ({
      kind: 'external-id',
      id: externalIds.recordId(name),
      data: name,
      empty:
        ({ now }) =>
        async (read) => {
          const there = await read.get(externalIds, { system: name.system, value: name.value });
          if (there?.recordId === undefined || there.recordId !== name.recordId) return undefined;
          const { write, events } = released(there, now);
          return { writes: [write], events };
        },
    }));
  },
};

const stepsOfJobs = async ({ people, leads, clients, deals }: Subject): Promise<Held[]> => {
  const all = await Promise.all(
    [...people, ...leads, ...clients, ...deals].map(({ id: recordId }) =>
      every((cursor) => listWhole(jobRows, 'gsi2', { recordId }, { limit: 100, cursor })),
    ),
  );
  return all.flat().map((row) => ({
    kind: 'step of a job',
    id: jobRows.recordId(row),
    data: row,
    empty: () => async (read) => {
      const there = await read.get(jobRows, { jobId: row.jobId, n: row.n });
      return there?.before === undefined ? undefined : { writes: [jobRows.put({ ...there, before: undefined })] };
    },
  }));
};

/** What merges and jobs keep to take themselves back: they cannot any more. */
export const stepsAbout: Source = {
  kind: 'step',
  async find(subject) {
    const { people, clients } = subject;
    const made = await Promise.all(
      [...people, ...clients].map(({ id: survivorId }) =>
        every((cursor) => listWhole(merges, 'gsi2', { survivorId }, { limit: 100, cursor })),
      ),
    );
    const all = made.flat();
    const rows = (
      await Promise.all(
        all.flatMap(({ id: mergeId, otherIds }) => otherIds.map((from) => listAll(mergeRows, { mergeId, from }))),
      )
    ).flat();
    return [
      ...all.map((merge) => ({
        kind: 'merge',
        id: merge.id,
        data: merge,
        empty: emptied(merges, merge.id, () => ({ before: {}, after: {}, identities: [] })),
      })),
      ...rows.map((row) => ({
        kind: 'step of a merge',
        id: mergeRows.recordId(row),
        data: row,
        empty: () => async (read: Parameters<ReturnType<NonNullable<Held['empty']>>>[0]) => {
          const there = await read.get(mergeRows, row);
          return there?.before === undefined ? undefined : { writes: [mergeRows.put({ ...there, before: undefined })] };
        },
      })),
      ...(await stepsOfJobs(subject)),
    ];
  },
};
