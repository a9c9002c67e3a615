import type { Cloud } from '../cloud.ts';
import { personAt } from '../person.ts';
import { ADMIN } from '../starter.ts';

/** Where the API has a record, by the first part of its id. */
const PLACES: Readonly<Record<string, string>> = {
  raw: 'intake',
  lead: 'leads',
  person: 'people',
  client: 'clients',
  deal: 'deals',
  approval: 'approvals',
  order: 'orders',
  letter: 'letters',
  product: 'products',
  job: 'jobs',
};

type Json = Record<string, unknown>;
/** The part of an event that is shown. */
export type StoryEvent = {
  type: string;
  at: string;
  record: { id: string };
  by: { id: string; name?: string };
  changes: { field: string; from?: unknown; to?: unknown; personal?: true }[];
};
export type Story = { chain: { entity: string; id: string }[]; events: StoryEvent[] };
export type RecordFacts = {
  id: string;
  path: string;
  record: Json | undefined;
  work: Json | undefined;
  story: Story | undefined;
};

/** Where the API has this record; undefined when it is no id of a kind that can be read alone. */
export function placeOf(id: string): string | undefined {
  const [, prefix = ''] = /^([a-z]+)_\w+$/.exec(id) ?? [];
  if (prefix === 'story') return `/api/stories/${id}`;
  return Object.hasOwn(PLACES, prefix) ? `/api/${PLACES[prefix]}/${id}` : undefined;
}

/** Reads a record, what machines keep beside it, and its story, as the demo admin. Undefined when there is none. */
export async function readRecord(cloud: Cloud, id: string): Promise<RecordFacts | undefined> {
  const path = placeOf(id);
  if (path === undefined) return undefined;
  const admin = personAt(cloud.url, await cloud.token({ email: ADMIN }));
  const read = async <T>(at: string): Promise<T | undefined> => {
    const { status, body } = await admin<T>(`GET ${at}`);
    return status === 200 ? body : undefined;
  };
  const isStory = id.startsWith('story_');
  const [record, work, story] = await Promise.all([
    isStory ? undefined : read<Json>(path),
    id.startsWith('lead_') ? read<Json>(`${path}/work`) : undefined,
    read<Story>(`/api/stories/${id}`),
  ]);
  return record || (isStory && story) ? { id, path, record, work, story } : undefined;
}
