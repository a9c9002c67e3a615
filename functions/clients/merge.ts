import { refuse, type Fault } from '#shared/errors.ts';
import { sameJson } from '#shared/json.ts';
import { taxIdKey, type Client } from './client.ts';
import type { Person } from './person.ts';

/** What becomes of one field when records are made one: what each has, what will be, and whose that is (`all`: of all). */
type Outcome = {
  field: string;
  values: { recordId: string; value?: unknown }[];
  result?: unknown;
  from: string;
};
/** By field, the record whose value is taken; the survivor's, or the first there is, unless said. */
export type Choice = Readonly<Record<string, string>>;
export type Combined<R> = { outcomes: Outcome[]; change: Partial<R> };

type Fields = Readonly<Record<string, unknown>> & { id: string };
type Values = Readonly<Record<string, unknown>>;

const customOf = (record: Fields): Values => (record['custom'] as Values | undefined) ?? {};
const valueOf = (record: Fields, field: string): unknown =>
  field.startsWith('custom.') ? customOf(record)[field.slice('custom.'.length)] : record[field];
const fieldsOf = (records: readonly Fields[], plain: readonly string[]): string[] => [
  ...plain,
  ...new Set(records.flatMap((record) => Object.keys(customOf(record)).map((id) => `custom.${id}`))),
];

function faultsOf(choice: Choice, fields: readonly string[], records: readonly Fields[]): Fault[] {
  return Object.entries(choice).flatMap(([field, id]): Fault[] => {
    const pointer = `/body/choose/${field}`;
    if (!fields.includes(field))
      return [{ pointer, code: 'unknown_field', detail: `One of: ${fields.join(', ')}. Lists keep what all have.` }];
    if (!records.some((record) => record.id === id))
      return [{ pointer, code: 'invalid_value', detail: 'The id of one of the records that are made one.' }];
    return [];
  });
}

function chosen(field: string, records: readonly Fields[], choice: Choice): Outcome {
  const values = records.map((record) => ({ recordId: record.id, value: valueOf(record, field) }));
  const wanted = values.find(({ recordId }) => recordId === choice[field]);
  const found = wanted ?? values.find(({ value }) => value !== undefined) ?? values[0];
  return { field, values, result: found?.value, from: found?.recordId ?? '' };
}

const listed = (record: Fields, field: string): string[] => (record[field] as string[] | undefined) ?? [];
const together = (field: string, records: readonly Fields[]): Outcome => ({
  field,
  values: records.map((record) => ({ recordId: record.id, value: record[field] })),
  result: [...new Set(records.flatMap((record) => listed(record, field)))],
  from: 'all',
});

/** What the survivor gets: everything that differs from what it has. The survivor is the first of the records. */
function changeOf(outcomes: readonly Outcome[], survivor: Fields): Values {
  const own = outcomes.filter(({ field }) => field.startsWith('custom.'));
  const custom = Object.fromEntries(
    own
      .filter(({ result }) => result !== undefined)
      .map(({ field, result }) => [field.slice('custom.'.length), result]),
  );
  const all = [
    ...outcomes.filter((one) => !own.includes(one)).map(({ field, result }) => [field, result] as const),
    ['custom', own.length > 0 ? custom : undefined] as const,
  ];
  const empty = (value: unknown): boolean => value === undefined || (Array.isArray(value) && value.length === 0);
  return Object.fromEntries(
    all.filter(([field, value]) => !sameJson(value, survivor[field]) && !(empty(value) && empty(survivor[field]))),
  );
}

function combined(
  records: readonly Fields[],
  choice: Choice,
  { plain, lists }: { plain: readonly string[]; lists: readonly string[] },
): { outcomes: Outcome[]; survivor: Fields } {
  const [survivor] = records;
  if (!survivor) throw new TypeError('There is nothing to make one.');
  const fields = fieldsOf(records, plain);
  const faults = faultsOf(choice, fields, records);
  if (faults.length > 0) throw refuse('invalid', {}, faults);
  const outcomes = [
    ...fields.map((field) => chosen(field, records, choice)),
    ...lists.map((field) => together(field, records)),
  ];
  return { outcomes, survivor };
}

/** Of two or three people, the survivor first, one: he keeps every e-mail and phone. @throws 400 for a choice there is not */
export function combinedPeople(records: readonly Person[], choice: Choice): Combined<Person> {
  const { outcomes, survivor } = combined(records, choice, {
    plain: ['name', 'locale', 'ownerId'],
    lists: ['emails', 'phones'],
  });
  return { outcomes, change: changeOf(outcomes, survivor) };
}

/** Of two or three clients, the survivor first, one: it is found by every tax number, and is a counterparty if any was. */
export function combinedClients(records: readonly Client[], choice: Choice): Combined<Client> {
  const { outcomes, survivor } = combined(records, choice, { plain: ['name', 'kind', 'taxId', 'ownerId'], lists: [] });
  const taxId = outcomes.find(({ field }) => field === 'taxId')?.result;
  const numbers = records.flatMap((one) => [
    ...(one.taxId === undefined ? [] : [one.taxId]),
    ...(one.otherTaxIds ?? []),
  ]);
  const byKey = new Map(numbers.map((number) => [taxIdKey(number), number]));
  if (typeof taxId === 'string') byKey.delete(taxIdKey(taxId));
  const standing = records.find((one) => one.standing === 'counterparty') ?? survivor;
  const made: Outcome[] = [
    { ...together('otherTaxIds', records), result: [...byKey.values()] },
    {
      field: 'standing',
      values: records.map(({ id, standing: value }) => ({ recordId: id, value })),
      result: standing['standing'],
      from: standing.id,
    },
  ];
  const all = [...outcomes, ...made];
  return { outcomes: all, change: changeOf(all, survivor) };
}

/** What of a value is taken back, when a merge is undone: what is still as the merge left it; lists lose what came with it. */
export function takenBack(now: Fields, before: Values, after: Values): { change: Values; kept: string[] } {
  const change: Record<string, unknown> = {};
  const kept: string[] = [];
  for (const [field, value] of Object.entries(after)) {
    if (Array.isArray(value)) {
      const own = new Set((before[field] as unknown[] | undefined) ?? []);
      const came = new Set(value.filter((one) => !own.has(one)));
      change[field] = listed(now, field).filter((one) => !came.has(one));
    } else if (sameJson(now[field], value)) change[field] = before[field];
    else kept.push(field);
  }
  return { change, kept };
}
