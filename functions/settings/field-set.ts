import * as z from 'zod';
import type { Fault } from '#shared/errors.ts';
import { Field } from './field.ts';
import { settingKind, type Among } from './setting.ts';

/** The firm's own fields of one kind of record; the id of the setting is that kind. */
export const FieldSet = z.object({ fields: z.array(Field).max(100) });
export type FieldSet = z.output<typeof FieldSet>;

/** Kinds of records that may have fields of the firm's own. */
export const FIELD_SETS = ['lead', 'deal', 'client', 'person', 'product', 'activity', 'order'] as const;
export type FieldSetId = (typeof FIELD_SETS)[number];

const twice = (ids: readonly string[]): string | undefined => ids.find((id, place) => ids.indexOf(id) < place);

function ownFaults(field: Field): [string, string][] {
  const { kind, options, min, max, maxLength } = field;
  const chosen = kind === 'choice' || kind === 'multi-choice';
  const counted = kind === 'number' || kind === 'money';
  const double = twice((options ?? []).map(({ id }) => id));
  return [
    ...(chosen && !options ? ([['/options', 'A choice needs options.']] as [string, string][]) : []),
    ...(!chosen && options
      ? ([['/options', `A field of the kind ${kind} has no options.`]] as [string, string][])
      : []),
    ...(double === undefined ? [] : ([['/options', `Two options have the id ${double}.`]] as [string, string][])),
    ...(!counted && (min !== undefined || max !== undefined)
      ? ([['/min', `A field of the kind ${kind} has no bounds.`]] as [string, string][])
      : []),
    ...(min !== undefined && max !== undefined && Number(min) > Number(max)
      ? ([['/min', 'The least value is more than the greatest.']] as [string, string][])
      : []),
    ...(kind !== 'text' && maxLength !== undefined
      ? ([['/maxLength', 'Only a text has a length.']] as [string, string][])
      : []),
  ];
}

/** What records were written under must stay readable: nothing is removed and no kind changes. */
function keptFaults(field: Field, was: Field | undefined): [string, string][] {
  if (!was) return [];
  if (was.kind !== field.kind) {
    const why = `The kind of ${field.id} cannot change from ${was.kind} to ${field.kind}: records hold such values. Retire it and add another field.`;
    return [['/kind', why]];
  }
  const gone = (was.options ?? []).filter(({ id }) => !(field.options ?? []).some((option) => option.id === id));
  return gone.map(({ id }) => [
    '/options',
    `Option ${id} cannot be removed, because records may hold it: set retired instead.`,
  ]);
}

function faultsOf({ fields }: FieldSet, before?: FieldSet): Fault[] {
  const fault = (pointer: string, detail: string): Fault => ({
    pointer: `/body/body/fields${pointer}`,
    code: 'field',
    detail,
  });
  const double = twice(fields.map(({ id }) => id));
  const gone = (before?.fields ?? []).filter(({ id }) => !fields.some((field) => field.id === id));
  return [
    ...(double === undefined ? [] : [fault('', `Two fields have the id ${double}.`)]),
    ...gone.map(({ id }) =>
      fault('', `Field ${id} cannot be removed, because records may hold it: set retired instead.`),
    ),
    ...fields.flatMap((field, place) =>
      [
        ...ownFaults(field),
        ...keptFaults(
          field,
          before?.fields.find(({ id }) => id === field.id),
        ),
      ].map(([pointer, detail]) => fault(`/${place}${pointer}`, detail)),
    ),
  ];
}

export const fieldSetKind = settingKind('field-set', 'field-sets', FieldSet, faultsOf, { ids: FIELD_SETS });

export const NO_FIELDS: FieldSet = { fields: [] };

/** The field set of a kind of record as it would be together with what is checked. */
export const fieldsAmong = async (among: Among, kind: FieldSetId): Promise<FieldSet> =>
  (await among.find(fieldSetKind, kind)) ?? NO_FIELDS;

/** Where a record is or is going: its type, stage or state. */
export type Place = { type?: string | undefined; stage?: string | undefined; state?: string | undefined };

const fits = (named: readonly string[] | undefined, here: string | undefined): boolean =>
  named === undefined || (here !== undefined && named.includes(here));

/** Fields that a record in this place must have and that these values lack. */
export const missingCustom = (
  { fields }: FieldSet,
  values: Readonly<Record<string, unknown>> | undefined,
  { type, stage, state }: Place,
): string[] =>
  fields
    .filter(({ requiredIn, retired }) => requiredIn !== undefined && !retired)
    .filter(
      ({ requiredIn }) =>
        fits(requiredIn?.types, type) && fits(requiredIn?.stages, stage) && fits(requiredIn?.states, state),
    )
    .map(({ id }) => id)
    .filter((id) => values?.[id] === undefined);

/** What the read copy, imports and exports know of each field. */
export type CustomColumn = Pick<Field, 'id' | 'kind' | 'name'> & { retired: boolean };
export const customColumns = ({ fields }: FieldSet): CustomColumn[] =>
  fields.map(({ id, kind, name, retired = false }) => ({ id, kind, name, retired }));
