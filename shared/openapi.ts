import * as z from 'zod';
import { reshape } from '#shared/fields.ts';
import type { Route } from '#shared/http/route.ts';
import { withOwnFields, type OwnFields } from '#shared/own-fields.ts';
import { Problem } from '#shared/http/problem.ts';

type Json = Record<string, unknown>;

/** The OpenAPI 3.1 document of routes, made from the same schemas that check them. */
export function openApi(
  groups: readonly { prefix: string; routes: readonly Route[]; tag: string }[],
  version: string,
  own: OwnFields = {},
): Json {
  const schemas: Record<string, unknown> = {};
  const paths: Record<string, Json> = {};
  const refer = (kind: string, which: 'answer' | 'input'): Json => {
    const name = `${kind.charAt(0).toUpperCase()}${kind.slice(1)}Custom${which === 'input' ? 'Input' : ''}`;
    const schema = own[kind]?.[which];
    if (schema) schemas[name] ??= jsonSchema(schema, schemas);
    return { $ref: `#/components/schemas/${name}` };
  };
  for (const { prefix, routes, tag } of groups) {
    for (const route of routes)
      (paths[`${prefix}${route.path}`] ??= {})[route.method.toLowerCase()] = withOwnFields(
        route.path,
        operation(route, tag, schemas),
        own,
        refer,
      );
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Sdelka',
      version,
      description: 'Money is a decimal string with a currency; instants are UTC; pages have at most 100 items.',
    },
    paths,
    components: {
      schemas: { ...schemas, Problem: jsonSchema(Problem, schemas) },
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    },
  };
}

function operation(route: Route, tag: string, schemas: Json): Json {
  const changes = route.method !== 'GET';
  const done = {
    description: 'Done',
    ...(route.status !== 204 && { content: { [route.produces]: { schema: jsonSchema(route.returns, schemas) } } }),
  };
  const media = [...(route.body ? ['application/json'] : []), ...route.consumes];
  return {
    summary: route.summary,
    tags: [tag],
    operationId: `${route.method.toLowerCase()}${route.path.replaceAll(/[/{}.-]+(\w?)/g, (_, next: string) => next.toUpperCase())}`,
    ...(route.rights !== undefined && { security: [{ bearer: [] }], 'x-right': route.rights }),
    ...(route.of && { 'x-of': route.of.name }),
    parameters: [...pathParameters(route), ...queryParameters(route, schemas), ...headerParameters(route, changes)],
    ...(media.length > 0 && {
      requestBody: {
        required: route.body !== undefined && !route.body.safeParse(undefined).success,
        content: Object.fromEntries(
          media.map((type) => [type, { schema: route.body ? jsonSchema(reshape(route.body, 'strict'), schemas) : {} }]),
        ),
      },
    }),
    responses: {
      [route.status]: done,
      ...(route.creates && { 201: { ...done, description: 'Made' } }),
      default: {
        description: 'Refused',
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
  };
}

const pathParameters = ({ path }: Route): Json[] =>
  [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));

const queryParameters = ({ query }: Route, schemas: Json): Json[] =>
  Object.entries(query?.shape ?? {}).map(([name, schema]) => ({
    name,
    in: 'query',
    required: !z.safeParse(schema as z.ZodType, undefined).success,
    schema: jsonSchema(schema as z.ZodType, schemas),
  }));

const headerParameters = (route: Route, changes: boolean): Json[] => [
  ...(changes && route.rights !== undefined && !route.repeatable
    ? [
        {
          name: 'Idempotency-Key',
          in: 'header',
          required: false,
          schema: { type: 'string', minLength: 1, maxLength: 255 },
        },
      ]
    : []),
  ...(route.ifMatch
    ? [{ name: 'If-Match', in: 'header', required: true, schema: { type: 'string', pattern: '^"?\\d+"?$' } }]
    : []),
];

/** The wire side of a schema; named schemas go to components. Guarded fields may be missing for some roles. */
function jsonSchema(schema: z.ZodType, schemas: Json): unknown {
  const {
    $defs,
    $schema: _,
    ...own
  } = z.toJSONSchema(schema, {
    io: 'input',
    target: 'draft-2020-12',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema: made }) => {
      const { shape } = zodSchema._zod.def as unknown as { shape?: Record<string, z.ZodType> };
      if (shape && made.required)
        made.required = made.required.filter(
          (name) => (shape[name]?.meta() as { guarded?: string } | undefined)?.guarded === undefined,
        );
    },
  }) as Json & { $defs?: Json };
  for (const [name, definition] of Object.entries($defs ?? {})) schemas[name] = reroot(definition);
  return reroot(own);
}

const reroot = (node: unknown): unknown =>
  JSON.parse(JSON.stringify(node).replaceAll('"#/$defs/', '"#/components/schemas/')) as unknown;
