import * as z from 'zod';
import { settingKind } from '#functions/settings/setting.ts';
import type { Fault } from '#shared/errors.ts';
import { Role, Scope } from '#shared/user.ts';
import { DEFAULTS, type Row, type Table } from './rights.ts';

const forRoles = <S extends z.ZodType>(value: S) =>
  z.object(Object.fromEntries(Role.options.map((role) => [role, value.optional()])) as Record<Role, z.ZodOptional<S>>);

/** What a firm changes of the table of rights: role by role, how far a right goes or that it is taken away; who sees which field. */
export const Access = z.object({
  rights: z.record(z.string().max(60), forRoles(z.union([Scope, z.literal('none')]))).default({}),
  fields: z.record(z.string().max(60), forRoles(z.boolean())).default({}),
});
export type Access = z.output<typeof Access>;

/** There is one: the table of rights. */
export const ACCESS_ID = 'rights';

/** Without these an admin could not mend what he set. */
const KEPT = new Set(['access.change', 'setting.read', 'setting.change', 'user.read', 'user.change', 'me.read']);
/** What has owners: only there a right may go less far than all. */
const OWNED = new Set(['lead', 'deal', 'client', 'activity', 'order', 'approval', 'letter', 'job', 'key']);
const isOwned = (right: string): boolean => OWNED.has(right.split('.')[0] ?? '');

function rightFaults([right, row]: [string, Access['rights'][string]]): Fault[] {
  const pointer = `/body/body/rights/${right}`;
  if (!Object.hasOwn(DEFAULTS.rights, right))
    return [
      {
        pointer,
        code: 'unknown_field',
        detail: `There is no such right. One of: ${Object.keys(DEFAULTS.rights).join(', ')}`,
      },
    ];
  return Object.entries(row).flatMap(([role, scope]): Fault[] => {
    const at = `${pointer}/${role}`;
    if (role === 'admin' && KEPT.has(right) && scope !== 'all')
      return [{ pointer: at, code: 'invalid_value', detail: 'An admin keeps this right: nobody else could mend it.' }];
    if ((scope === 'own' || scope === 'team') && !isOwned(right))
      return [{ pointer: at, code: 'invalid_value', detail: 'Nobody owns what this right is about: all or none.' }];
    if (scope !== 'none' && right === 'access.change' && role !== 'admin')
      return [{ pointer: at, code: 'invalid_value', detail: 'Only an admin changes rights.' }];
    return [];
  });
}

function fieldFaults(field: string): Fault[] {
  if (Object.hasOwn(DEFAULTS.fields, field)) return [];
  const detail = `There is no such field right. One of: ${Object.keys(DEFAULTS.fields).join(', ')}`;
  return [{ pointer: `/body/body/fields/${field}`, code: 'unknown_field', detail }];
}

/** Changed by people only, with a right of its own that no key has. */
export const accessKind = settingKind(
  'access',
  'access',
  Access,
  ({ rights, fields }) => [...Object.entries(rights).flatMap(rightFaults), ...Object.keys(fields).flatMap(fieldFaults)],
  { right: 'access.change', ids: [ACCESS_ID] },
);

function changedRow(row: Row, change: Access['rights'][string] = {}): Row {
  const scopes = Role.options.flatMap((role) => {
    const scope = change[role] ?? row[role];
    return scope === undefined || scope === 'none' ? [] : [[role, scope] as const];
  });
  return Object.fromEntries(scopes);
}

/** The table of rights with what the firm changed of it; a right that has gone since is left out. */
export function tableWith(access: Access | undefined): Table {
  if (!access) return DEFAULTS;
  const rights = Object.entries(DEFAULTS.rights).map(([right, row]) => [right, changedRow(row, access.rights[right])]);
  const fields = Object.entries(DEFAULTS.fields).map(([field, roles]) => [
    field,
    Role.options.filter((role) => access.fields[field]?.[role] ?? roles.includes(role)),
  ]);
  return { rights: Object.fromEntries(rights), fields: Object.fromEntries(fields) };
}
