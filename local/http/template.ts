import * as z from 'zod';
import type { Resource } from '../contract.ts';
import type { Route } from './route.ts';

const RouteProps = z.strictObject({
  ApiId: z.string(),
  RouteKey: z.string(),
  Target: z.string().startsWith('integrations/'),
  AuthorizationType: z.literal('NONE').optional(),
});
const IntegrationProps = z.strictObject({
  ApiId: z.string(),
  IntegrationType: z.literal('AWS_PROXY'),
  IntegrationUri: z.string(),
  IntegrationMethod: z.string().optional(),
  PayloadFormatVersion: z.literal('2.0'),
  TimeoutInMillis: z.number().max(30_000).optional(),
  Description: z.string().optional(),
});

/** The routes of the template's HTTP API. @throws when a route or integration says what this gateway does not do */
export function routesOf(resources: readonly Resource[]): Route[] {
  const integrations = new Map<string, z.infer<typeof IntegrationProps>>();
  for (const each of resources)
    if (each.type === 'AWS::ApiGatewayV2::Integration') integrations.set(each.name, parse(IntegrationProps, each));
  return resources
    .filter(({ type }) => type === 'AWS::ApiGatewayV2::Route')
    .map((resource) => {
      const { RouteKey: key, Target } = parse(RouteProps, resource);
      const integration = integrations.get(Target.slice('integrations/'.length));
      if (!integration) throw new Error(`Route ${resource.id} points at ${Target}, which is not in the template`);
      return { key, fn: functionArn(integration.IntegrationUri), timeoutMs: integration.TimeoutInMillis ?? 30_000 };
    });
}

/** Integrations name a function by its ARN, or wrapped in API Gateway's invocation path. */
function functionArn(uri: string): string {
  return /functions\/(arn:[^/]+)\/invocations/.exec(uri)?.[1] ?? uri;
}

function parse<T extends z.ZodType>(schema: T, { id, type, props }: Resource): z.infer<T> {
  const parsed = schema.safeParse(props);
  if (parsed.success) return parsed.data;
  throw new Error(`${type} ${id}: the local gateway cannot do what it says: ${z.prettifyError(parsed.error)}`);
}
