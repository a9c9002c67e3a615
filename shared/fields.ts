import * as z from 'zod';

/** zod's own description of a schema; the part of it this file walks. */
type Def = {
  type: string;
  shape?: Record<string, z.ZodType>;
  element?: z.ZodType;
  innerType?: z.ZodType;
  valueType?: z.ZodType;
  options?: readonly z.ZodType[];
};
const defOf = (schema: z.ZodType): Def => schema._zod.def;

/** The same schema with every object in it changed: `strict` refuses unknown fields, `loose` keeps them. */
export function reshape<S extends z.ZodType>(schema: S, mode: 'strict' | 'loose'): S {
  const def = defOf(schema);
  const inner = (one: z.ZodType): z.ZodType => reshape(one, mode);
  const changed: Partial<Def> & { catchall?: z.ZodType } = {};
  if (def.shape) {
    changed.shape = Object.fromEntries(Object.entries(def.shape).map(([name, field]) => [name, inner(field)]));
    changed.catchall = mode === 'strict' ? z.never() : z.unknown();
  }
  if (def.element) changed.element = inner(def.element);
  if (def.innerType) changed.innerType = inner(def.innerType);
  if (def.type === 'record' && def.valueType) changed.valueType = inner(def.valueType);
  if (def.options) changed.options = def.options.map(inner);
  if (Object.keys(changed).length === 0) return schema;
  // Not z.core.clone: naming z.core brings every language of zod into each bundle.
  return z.clone(schema, { ...def, ...changed } as never);
}

/** Marks a field as readable only by roles that hold this field right, e.g. `.meta(guarded('cost'))`. */
export const guarded = (right: string): { guarded: string } => ({ guarded: right });

/** Marks a field as personal: events name it, its old values lie with the person and are erased with him. */
export const personal = { personal: true } as const;

type Meta = { guarded?: string; personal?: boolean };
const metaOf = (schema: z.ZodType): Meta => (schema.meta() ?? {}) as Meta;

/** Names of the top fields of an object that are marked personal. */
export function personalFields(schema: z.ZodType): ReadonlySet<string> {
  const shape = defOf(schema).shape ?? {};
  return new Set(Object.keys(shape).filter((name) => marksOf(shape[name] as z.ZodType).personal === true));
}

/** Removes from an encoded value the fields whose field right is not held. The one place where cost and margin are hidden. */
export function withoutGuarded(schema: z.ZodType, value: unknown, holds: (right: string) => boolean): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const def = defOf(schema);
  if (def.innerType) return withoutGuarded(def.innerType, value, holds);
  if (def.element && Array.isArray(value)) {
    const { element } = def;
    return value.map((one) => withoutGuarded(element, one, holds));
  }
  if (def.options) return def.options.reduce<unknown>((left, option) => withoutGuarded(option, left, holds), value);
  if (def.type === 'record' && def.valueType) {
    const { valueType } = def;
    return Object.fromEntries(
      Object.entries(value).map(([name, one]) => [name, withoutGuarded(valueType, one, holds)]),
    );
  }
  if (!def.shape) return value;
  const kept: Record<string, unknown> = {};
  for (const [name, one] of Object.entries(value)) {
    const field = def.shape[name];
    const right = field && marksOf(field).guarded;
    if (right !== undefined && !holds(right)) continue;
    kept[name] = field ? withoutGuarded(field, one, holds) : one;
  }
  return kept;
}

/** The marks of a field, also when it is wrapped as optional, nullable or with a default. */
export function marksOf(field: z.ZodType): Meta {
  const { innerType } = defOf(field);
  return { ...(innerType ? marksOf(innerType) : {}), ...metaOf(field) };
}
