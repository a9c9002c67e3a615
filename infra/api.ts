import { Validations } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import { HttpApi, HttpMethod, type HttpRoute, HttpStage, LogGroupLogDestination } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import type { Entry } from './bundle.ts';
import { logGroup } from './logs.ts';

/** Neither addresses nor paths: the first are personal data, and links in letters carry a token in the second. */
const LINE = {
  requestId: '$context.requestId',
  at: '$context.requestTimeEpoch',
  route: '$context.routeKey',
  status: '$context.status',
  ms: '$context.responseLatency',
  bytes: '$context.responseLength',
  error: '$context.integrationErrorMessage',
};

/** The HTTP API behind the distribution; a burst of a few hundred requests is far above a sales department. */
export function httpApi(scope: Construct, logDays: number): HttpApi {
  const api = new HttpApi(scope, 'Http', { createDefaultStage: false });
  new HttpStage(scope, 'HttpStage', {
    httpApi: api,
    stageName: '$default',
    autoDeploy: true,
    throttle: { rateLimit: 100, burstLimit: 300 },
    accessLogSettings: {
      destination: new LogGroupLogDestination(logGroup(scope, 'HttpLogs', logDays)),
      format: AccessLogFormat.custom(JSON.stringify(LINE)),
    },
  });
  return api;
}

/** `/api` is for signed-in users, `/public` for forms, hooks and links in letters. */
const DOORS = { api: ['/api/{proxy+}'], public: ['/public/{proxy+}'] } as const;

/** Sends each path to its door, and the paths that other entries declare to these: the most specific path wins. */
export function addRoutes(
  api: HttpApi,
  functions: Readonly<Record<string, IFunction>>,
  entries: Readonly<Record<string, Entry>>,
): void {
  const declared = Object.entries(entries).flatMap(([name, { paths = [] }]) =>
    paths.length > 0 ? [[name, paths] as const] : [],
  );
  for (const [name, paths] of [...Object.entries(DOORS), ...declared]) {
    const handler = functions[name];
    if (handler === undefined) throw new Error(`functions/${name}.ts is not there to serve ${paths.join(', ')}.`);
    const integration = new HttpLambdaIntegration(name, handler);
    for (const path of paths)
      for (const route of api.addRoutes({ path, methods: [HttpMethod.ANY], integration }))
        acknowledgeRoute(route, path);
  }
}

const acknowledgeRoute = (route: HttpRoute, path: string): void =>
  Validations.of(route).acknowledge({
    id: 'AwsSolutions-APIG4',
    reason: path.startsWith('/public/')
      ? 'Forms, hooks and links in letters are open by nature: each is checked by its signature, token or rate.'
      : 'The function itself verifies every token and API key, and refuses by default: no authorizer to pay and wait for.',
  });
