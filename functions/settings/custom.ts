import * as z from 'zod';
import { refuse, type Fault } from '#shared/errors.ts';
import { sameJson } from '#shared/json.ts';
import type { CustomValues } from '#shared/record-kind.ts';
import { primaryKey } from '#shared/table/keys.ts';
import { getItem } from '#shared/table/read.ts';
import { valueSchema, type Field } from './field.ts';
import {
  FIELD_SETS,
  fieldSetKind,
  missingCustom,
  NO_FIELDS,
  type FieldSet,
  type FieldSetId,
  type Place,
} from './field-set.ts';
import { inForceOr, type InForce } from './store.ts';

/** The fields of a kind of record as they are now; none when the firm has set up none. */
export const fieldSetInForce = async (kind: FieldSetId): Promise<FieldSet> =>
  (await inForceOr(fieldSetKind, kind, NO_FIELDS)).body;

/** Which versions of the field sets are in force, as one text. */
export const fieldSetVersions = async (): Promise<string> =>
  (await Promise.all(FIELD_SETS.map((kind) => inForceOr(fieldSetKind, kind, NO_FIELDS))))
    .map(({ version }) => version)
    .join('.');

type Compiled = ReadonlyMap<string, { field: Field; schema: z.ZodType }>;
const compiled = new WeakMap<InForce<typeof FieldSet>, Compiled>();

/** The schemas of a version of a set are made once: what is in force is the same object until it is read again. */
function compile(set: InForce<typeof FieldSet>): Compiled {
  const known =
    compiled.get(set) ??
    new Map(set.body.fields.map((field) => [field.id, { field, schema: valueSchema(field, true) }]));
  compiled.set(set, known);
  return known;
}

const MAX_BYTES = 100_000;
const faultAt = (id: string, code: string, detail: string): Fault => ({ pointer: `/body/custom/${id}`, code, detail });

/**
 * The values of the firm's own fields after a change: `given` laid over `before`, null takes one away. Undefined when none
 * are left. Without `given` nothing is asked and nothing changes; `before` undefined is a new record, which must have all
 * that is required at its place, while a record we have may still lack what was never given.
 * @throws 400 with `/body/custom/<id>` for each value that does not fit
 */
export async function checkedCustom(
  kind: FieldSetId,
  given: CustomValues | undefined,
  before: CustomValues | undefined,
  place: Place = {},
): Promise<CustomValues | undefined> {
  if (given === undefined) return before;
  const set = await inForceOr(fieldSetKind, kind, NO_FIELDS);
  const fields = compile(set);
  const values: CustomValues = { ...before };
  const faults: Fault[] = [];
  for (const [id, value] of Object.entries(given)) {
    if (value === null) delete values[id];
    else if (!sameJson(value, before?.[id])) {
      const checked = await valueOf(fields.get(id), id, value, before?.[id]);
      if ('faults' in checked) faults.push(...checked.faults);
      else values[id] = checked.value;
    }
  }
  const missing = missingCustom(set.body, values, place).filter(
    (id) => before === undefined || before[id] !== undefined,
  );
  faults.push(...missing.map((id) => faultAt(id, 'required', `The field ${id} is required here.`)));
  if (Buffer.byteLength(JSON.stringify(values)) > MAX_BYTES)
    faults.push({ pointer: '/body/custom', code: 'too_big', detail: `at most ${MAX_BYTES} bytes together` });
  if (faults.length > 0) throw refuse('invalid', {}, faults);
  return Object.keys(values).length > 0 ? values : undefined;
}

type Checked = { value: unknown } | { faults: Fault[] };

async function valueOf(
  found: { field: Field; schema: z.ZodType } | undefined,
  id: string,
  value: unknown,
  before: unknown,
): Promise<Checked> {
  if (!found) return { faults: [faultAt(id, 'unknown_field', 'There is no such field.')] };
  const { field, schema } = found;
  if (field.retired) return { faults: [faultAt(id, 'retired', `The field ${id} is retired: it takes no new value.`)] };
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    return {
      faults: parsed.error.issues.map(({ path, code, message }) =>
        faultAt([id, ...path.map(String)].join('/'), code, message),
      ),
    };
  }
  const wire = z.encode(schema, parsed.data);
  const retired = retiredOption(field, wire, before);
  if (retired !== undefined)
    return { faults: [faultAt(id, 'retired', `The option ${retired} is retired: choose another.`)] };
  if (field.kind === 'person' && !(await isSomebody(String(wire))))
    return { faults: [faultAt(id, 'not_found', `There is nobody with the id ${String(wire)}.`)] };
  return { value: wire };
}

/** A retired option that the record does not have already. */
function retiredOption({ options = [] }: Field, value: unknown, before: unknown): string | undefined {
  const had = new Set([before].flat());
  return options.find(({ id, retired }) => retired && [value].flat().includes(id) && !had.has(id))?.id;
}

const isSomebody = async (id: string): Promise<boolean> =>
  (await getItem(primaryKey(id.startsWith('user_') ? 'user' : 'person', { id }))) !== undefined;
