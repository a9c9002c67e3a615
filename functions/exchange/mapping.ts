import { fold } from '#shared/text.ts';
import { alsoCalled } from './field-name.ts';
import type { FileField } from './field.ts';

/** Which column of a file fills which field. Several columns may fill one list. */
export type Mapping = Readonly<Record<string, string>>;

const plain = (name: string): string =>
  fold(name)
    .replace(/\s*\((\d+)\)$/, '')
    .replaceAll(/[«»"*:]/g, '')
    .trim();

/** The columns whose names say what they hold, in Russian or English; a field that holds one value is filled once. */
export function proposedMapping(columns: readonly string[], fields: readonly FileField[]): Record<string, string> {
  const mapping: Record<string, string> = {};
  const filled = new Set<string>();
  const known = [{ path: 'id', kind: 'text' as const, names: { ru: 'id', en: 'Идентификатор' } }, ...fields];
  for (const column of columns) {
    const field = known.find(
      ({ path, kind, names }) => (kind === 'list' || !filled.has(path)) && isCalled(column, path, names),
    );
    if (!field) continue;
    mapping[column] = field.path;
    filled.add(field.path);
  }
  return mapping;
}

function isCalled(column: string, path: string, names: FileField['names']): boolean {
  const wanted = plain(column);
  const own = [path, path.replace(/^custom\./, ''), names.ru, names.en, ...(alsoCalled[path] ?? [])];
  return own.some(
    (name) => plain(name) === wanted || plain(name).replace(/\s\d+$/, '') === wanted.replace(/\s\d+$/, ''),
  );
}

export type MappingFault = { at: string; why: { ru: string; en: string } };

/** What keeps a mapping from working at all: columns and fields there are none of, a key that no column holds. */
export function mappingFaults(
  mapping: Mapping,
  columns: readonly string[],
  fields: readonly FileField[],
  { match, mode }: { match?: string | undefined; mode: 'create' | 'update' | 'both' },
): MappingFault[] {
  const paths = Object.values(mapping);
  const byPath = new Map(fields.map((field) => [field.path, field]));
  const fault = (at: string, ru: string, en: string): MappingFault => ({ at, why: { ru, en } });
  const absent = Object.keys(mapping).filter((column) => !columns.includes(column));
  const unknown = Object.entries(mapping).filter(([, path]) => !byPath.has(path) && !isKey(path));
  const twice = paths.filter((path, place) => paths.indexOf(path) < place && byPath.get(path)?.kind !== 'list');
  const missing =
    mode === 'update'
      ? []
      : fields.filter(({ path, kind, required }) => required && kind !== 'currency' && !paths.includes(path));
  return [
    ...absent.map((column) => fault(`/columns/${column}`, 'такой колонки в файле нет', 'the file has no such column')),
    ...unknown.map(([column, path]) => fault(`/columns/${column}`, `поля ${path} нет`, `there is no field ${path}`)),
    ...twice.map((path) =>
      fault('/columns', `поле ${path} заполняют две колонки`, `two columns fill the field ${path}`),
    ),
    ...missing.map(({ path, names }) =>
      fault(
        '/columns',
        `нет колонки для поля «${names.ru}» (${path})`,
        `no column fills the field ${names.en} (${path})`,
      ),
    ),
    ...(match === undefined && mode !== 'create'
      ? [fault('/match', 'скажите, по какому полю искать запись', 'say by which field a record is found')]
      : []),
    ...(match !== undefined && keyColumn(match, paths) === undefined
      ? [fault('/match', `ни одна колонка не заполняет ${match}`, `no column fills ${match}`)]
      : []),
  ];
}

/** `id` and names of other systems are no fields, but tell records apart. */
const isKey = (path: string): boolean => path === 'id' || path.startsWith('externalId:');

/** The mapped path that holds the values of a key: a list may hold them too. */
export const keyColumn = (match: string, paths: readonly string[]): string | undefined =>
  paths.find((path) => path === match) ?? paths.find((path) => path === `${match}s`);
