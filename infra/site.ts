import { existsSync } from 'node:fs';
import { Aws, CfnOutput, Duration, Fn, Validations } from 'aws-cdk-lib';
import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import {
  AllowedMethods,
  type BehaviorOptions,
  CachePolicy,
  Distribution,
  Function as EdgeFunction,
  FunctionCode,
  FunctionEventType,
  FunctionRuntime,
  HttpVersion,
  OriginRequestPolicy,
  OriginSslPolicy,
  SecurityPolicyProtocol,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { HttpOrigin, S3BucketOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import type { Bucket, IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { Context } from './context.ts';
import { PAGES_ARE_INDEX, TELL_ADDRESS } from './edge-functions.ts';
import { privateBucket } from './files.ts';
import { pageHeaders } from './page-headers.ts';
import { uploadConsole } from './upload.ts';

/** The one address of everything. `originSecret` proves to the functions that a request came through it. */
export type Site = { baseUrl: string; originSecret: string };

/** One distribution: the console from a bucket, `/api` and `/public` from the HTTP API, uncached. */
export function site(scope: Construct, api: HttpApi, context: Context, consoleFolder: string): Site {
  const bucket = privateBucket(scope, 'SiteFiles');
  const originSecret = stackGuid();
  const { domain, certificateArn, webAclArn } = context;
  const toApi = apiBehavior(scope, api, originSecret);
  const distribution = new Distribution(scope, 'Site', {
    comment: 'Sdelka: console, API and public pages',
    defaultRootObject: 'index.html',
    defaultBehavior: consoleBehavior(scope, bucket),
    additionalBehaviors: { '/api/*': toApi, '/public/*': toApi },
    httpVersion: HttpVersion.HTTP2_AND_3,
    ...(webAclArn !== undefined && { webAclId: webAclArn }),
    ...(domain !== undefined &&
      certificateArn !== undefined && {
        domainNames: [domain],
        minimumProtocolVersion: SecurityPolicyProtocol.TLS_V1_2_2021,
        certificate: Certificate.fromCertificateArn(scope, 'Certificate', certificateArn),
      }),
  });
  acknowledgeSite(distribution);
  if (existsSync(consoleFolder)) uploadConsole(scope, bucket, consoleFolder);
  const baseUrl = `https://${domain ?? distribution.domainName}`;
  new CfnOutput(scope, 'BaseUrl', { value: baseUrl, description: 'Where the console is' });
  new CfnOutput(scope, 'DistributionDomain', {
    value: distribution.domainName,
    description: 'What a domain of your own points at (CNAME or alias)',
  });
  return { baseUrl, originSecret };
}

/**
 * The GUID in the stack's id: unknown outside the account, the same at every deployment, and free. Its only power is
 * to be believed about a viewer's address, which limits posts per address: no reason for a second paid secret.
 */
const stackGuid = (): string => Fn.select(2, Fn.split('/', Aws.STACK_ID));

const consoleBehavior = (scope: Construct, bucket: Bucket): BehaviorOptions => ({
  origin: S3BucketOrigin.withOriginAccessControl(bucket as IBucket),
  viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
  responseHeadersPolicy: pageHeaders(scope),
  compress: true,
  functionAssociations: [onRequest(scope, 'PagesAreIndex', PAGES_ARE_INDEX)],
});

const apiBehavior = (scope: Construct, api: HttpApi, originSecret: string): BehaviorOptions => ({
  origin: new HttpOrigin(`${api.apiId}.execute-api.${Aws.REGION}.${Aws.URL_SUFFIX}`, {
    customHeaders: { 'x-origin-secret': originSecret },
    originSslProtocols: [OriginSslPolicy.TLS_V1_2],
    readTimeout: Duration.seconds(30),
  }),
  viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
  allowedMethods: AllowedMethods.ALLOW_ALL,
  cachePolicy: CachePolicy.CACHING_DISABLED,
  originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
  functionAssociations: [onRequest(scope, 'TellAddress', TELL_ADDRESS)],
});

const onRequest = (scope: Construct, id: string, code: string) => ({
  eventType: FunctionEventType.VIEWER_REQUEST,
  function: new EdgeFunction(scope, id, { code: FunctionCode.fromInline(code), runtime: FunctionRuntime.JS_2_0 }),
});

function acknowledgeSite(distribution: Distribution): void {
  Validations.of(distribution).acknowledge(
    { id: 'AwsSolutions-CFR1', reason: 'Customers and sellers may be anywhere.' },
    {
      id: 'AwsSolutions-CFR2',
      reason: 'A web ACL costs more than all the rest while idle; context webAclArn attaches one.',
    },
    {
      id: 'AwsSolutions-CFR3',
      reason: 'The HTTP API logs every request that does anything; the rest are static files.',
    },
    {
      id: 'AwsSolutions-CFR4',
      reason: 'The default certificate fixes its own minimum; with a domain it is TLS 1.2 (2021).',
    },
  );
}
