import * as z from 'zod';
import { faultsOf, mustHold, type Proposed } from '#functions/settings/check.ts';
import { difference, type Difference } from '#functions/settings/difference.ts';
import { SettingId, type Kind, type Setting } from '#functions/settings/setting.ts';
import { settings } from '#functions/settings/store.ts';
import type { Ties } from '#functions/settings/tie.ts';
import { refuse, type Fault } from '#shared/errors.ts';
import { reshape } from '#shared/fields.ts';
import { getMany } from '#shared/table/read.ts';
import { bodyOfFile, fileOf, type Names, type SettingFile } from './setting-file.ts';

/** One setting of an import: what it would become, and what it is now. */
export type Incoming = Proposed & { name: string; before: Setting | undefined; changes: Difference[] };

const escaped = (path: string): string => path.replaceAll('~', '~0').replaceAll('/', '~1');

type Read = { path: string; kind: Kind; id: string; file: SettingFile; body: z.output<z.ZodObject> };

/** What a file says, or why it cannot be read. */
function readFile(path: string, file: SettingFile, kinds: readonly Kind[], names: Names): Read | { faults: Fault[] } {
  const at = `/body/files/${escaped(path)}`;
  const [, plural, id = ''] = /^([a-z-]+)\/([^/]+)\.json$/.exec(path) ?? [];
  const kind = kinds.find((one) => one.plural === plural);
  if (!kind || !SettingId.safeParse(id).success)
    return { faults: [{ pointer: at, code: 'unknown_field', detail: 'A file is called <kind>/<id>.json.' }] };
  const { body, unknown } = bodyOfFile(file, names);
  if (unknown.length > 0) {
    const detail = (name: string) => `There is no ${name} here: add it first, or name another in the file.`;
    return {
      faults: unknown.map(({ at: place, name }) => ({ pointer: at + place, code: 'not_found', detail: detail(name) })),
    };
  }
  const parsed = reshape(kind.schema, 'strict').safeParse(body);
  if (parsed.success) return { path, kind, id, file, body: parsed.data };
  const faults = parsed.error.issues.map((issue) => ({
    pointer: [`${at}/body`, ...issue.path.map((part) => escaped(String(part)))].join('/'),
    code: issue.code,
    detail: issue.message,
  }));
  return { faults };
}

/**
 * Settings of files, looked at as a whole: they may name one another. Nothing is written.
 * @throws 400 with every file, name and member that cannot be read; 422 with everything that would not hold
 */
export async function incoming(
  files: Readonly<Record<string, SettingFile>>,
  kinds: readonly Kind[],
  names: Names,
): Promise<{ all: Incoming[]; ties: Ties }> {
  const read = Object.entries(files).map(([path, file]) => readFile(path, file, kinds, names));
  const unread = read.flatMap((one) => ('faults' in one ? one.faults : []));
  if (unread.length > 0) throw refuse('invalid', {}, unread);
  const good = read.flatMap((one) => ('faults' in one ? [] : [one]));
  const there = await getMany(
    settings,
    good.map(({ kind, id }) => ({ kind: kind.kind, id })),
  );
  const before = good.map(({ kind, id }) => there.find((one) => one.kind === kind.kind && one.id === id));
  const looked = await faultsOf(good, before, kinds);
  const faults = looked.faults.flatMap((found, place) =>
    found.map((fault) => ({
      ...fault,
      pointer: fault.pointer.replace(/^\/body\/body/, `/body/files/${escaped(good[place]?.path ?? '')}/body`),
    })),
  );
  mustHold(faults);
  const all = good.map(({ kind, id, file, body }, place) => {
    const was = before[place];
    const { name, archived } = file;
    const is = { name, body: z.encode(kind.schema, body), archived };
    const changes = difference(was && fileOf(kind, was, names), fileOf(kind, is, names));
    return { kind, id, name, body, archived, before: was, changes };
  });
  return { all, ties: looked.ties };
}
