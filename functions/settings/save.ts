import * as z from 'zod';
import type { NewEvent } from '#shared/events.ts';
import type { Read } from '#shared/table/read.ts';
import type { Write } from '#shared/table/write.ts';
import { difference } from './difference.ts';
import { SettingChanged, type Kind, type Setting } from './setting.ts';
import { settings, settingVersions } from './store.ts';
import { placeOf, type SettingVersion } from './version.ts';

type Author = { id: string; name: string };
export type Given = {
  name: string;
  body: z.output<z.ZodObject>;
  archived?: boolean | undefined;
  note?: string | undefined;
};
export type Saved = { write: Write & { item: Setting }; writes: Write[]; events: NewEvent[] };

const MAX_PATHS = 50;
const shown = ({ name, body, archived }: Setting) => ({ name, body, archived });

const keptAs = (item: Setting, before: Setting | undefined, at: string, by: Author, note?: string): Write => {
  const { kind, id, version, name, body, archived } = item;
  const changed = before === undefined ? [] : difference(shown(before), shown(item)).map(({ path }) => path);
  const kept: SettingVersion = {
    kind,
    id,
    version,
    name,
    body,
    archived,
    place: placeOf(version),
    at,
    by,
    note,
    changed,
  };
  return settingVersions.put({ ...kept, changed: changed.slice(0, MAX_PATHS) });
};

/**
 * What is written when a body becomes a setting: the setting, its next version kept for ever, the event. A version that was
 * not kept when it was made is kept now.
 */
export async function saved(
  read: Read,
  { kind, schema }: Kind,
  id: string,
  before: Setting | undefined,
  given: Given,
  by: Author,
  now: string,
): Promise<Saved> {
  const change = {
    name: given.name,
    body: z.encode(schema, given.body),
    archived: given.archived === true ? true : undefined,
    updatedAt: now,
    updatedBy: by.id,
  };
  const first: Setting = { kind, id, version: 1, ...change };
  const write = before ? settings.save(before, change) : { ...settings.create(first), item: first };
  const lost =
    before && (await read.get(settingVersions, { kind, id, place: placeOf(before.version) })) === undefined
      ? [keptAs(before, undefined, before.updatedAt, { id: before.updatedBy, name: before.updatedBy })]
      : [];
  return {
    write,
    writes: [write, keptAs(write.item, before, now, by, given.note), ...lost],
    events: [SettingChanged.of(write, { kind, id })],
  };
}

/** A setting that is made with the installation, with its first version. */
export function madeSetting(ready: Omit<Setting, 'version'>): Omit<Saved, 'write'> & { write: Write } {
  const item = { ...ready, version: 1 };
  const write = settings.create(item);
  const author = { id: ready.updatedBy, name: ready.updatedBy };
  return {
    write,
    writes: [write, keptAs(item, undefined, ready.updatedAt, author)],
    events: [SettingChanged.of(write, { kind: item.kind, id: item.id })],
  };
}
