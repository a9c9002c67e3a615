import { Validations } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import { HttpApi, HttpMethod, HttpStage, LogGroupLogDestination } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
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
export function addRoutes(api: HttpApi, functions: Readonly<Record<'api' | 'public', IFunction>>): void {
  for (const door of ['api', 'public'] as const) {
    const [route] = api.addRoutes({
      path: `/${door}/{proxy+}`,
      methods: [HttpMethod.ANY],
      integration: new HttpLambdaIntegration(door, functions[door]),
    });
    if (!route) continue;
    Validations.of(route).acknowledge({
      id: 'AwsSolutions-APIG4',
      reason:
        door === 'api'
          ? 'The function itself verifies every token and API key, and refuses by default: no authorizer to pay and wait for.'
          : 'Forms, hooks and links in letters are open by nature: each is checked by its signature, token or rate.',
    });
  }
}
