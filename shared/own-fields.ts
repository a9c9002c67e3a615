import type * as z from 'zod';

type Json = Record<string, unknown>;
type Node = { properties?: Record<string, Json>; [member: string]: unknown };

/** What the firm's own fields of a kind of record are, by the kind, with which ids begin: as answered and as given. */
export type OwnFields = Readonly<Record<string, { plural: string; answer: z.ZodType; input: z.ZodType }>>;
/** Where the schema of a kind's own fields stands in the document. */
type Refer = (kind: string, which: 'answer' | 'input') => Json;

const idPrefix = ({ properties }: Node): string => {
  const pattern = properties?.['id']?.['pattern'];
  return (typeof pattern === 'string' ? /^\^([a-z]+)_/.exec(pattern)?.[1] : undefined) ?? '';
};

/** Records in answers say by their id what they are. */
function inAnswer(node: unknown, own: OwnFields, refer: Refer): unknown {
  if (Array.isArray(node)) return node.map((one) => inAnswer(one, own, refer));
  if (typeof node !== 'object' || node === null) return node;
  const made = Object.fromEntries(Object.entries(node).map(([name, one]) => [name, inAnswer(one, own, refer)])) as Node;
  const kind = idPrefix(made);
  if (made.properties?.['custom'] && own[kind]) made.properties = { ...made.properties, custom: refer(kind, 'answer') };
  return made;
}

type Body = { content?: Record<string, { schema?: Node }> };

/** A body is about the records that its path begins with. */
function inBody(body: Body, kind: string, refer: Refer): Body {
  const content = Object.entries(body.content ?? {}).map(([type, { schema }]) => {
    const properties = schema?.properties;
    if (!properties?.['custom']) return [type, { schema }];
    return [type, { schema: { ...schema, properties: { ...properties, custom: refer(kind, 'input') } } }];
  });
  return { ...body, content: Object.fromEntries(content) as NonNullable<Body['content']> };
}

/** An operation of the document with its members `custom` described by the field sets in force. */
export function withOwnFields(path: string, operation: Json, own: OwnFields, refer: Refer): Json {
  const about = Object.keys(own).find((kind) => own[kind]?.plural === path.split('/')[1]);
  const { requestBody, responses } = operation;
  return {
    ...operation,
    responses: inAnswer(responses, own, refer),
    ...(requestBody !== undefined && about !== undefined && { requestBody: inBody(requestBody as Body, about, refer) }),
  };
}
