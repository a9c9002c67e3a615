import { runInNewContext } from 'node:vm';
import { Match, type Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, it } from 'vitest';
import { PAGES_ARE_INDEX, TELL_ADDRESS } from '#infra/edge-functions.ts';
import { SCHEDULES } from '#infra/schedules.ts';
import { routeFinder } from '#local/http/route.ts';
import { code, expectCount, expectEach, expectOne, ofType, plainStack, synth, SYNTH_MS } from './synth.ts';

let template: Template;
beforeAll(async () => {
  ({ template } = await plainStack());
}, SYNTH_MS);

describe('requests', () => {
  const targets = () => {
    const handlers = new Map(
      Object.entries(template.findResources('AWS::ApiGatewayV2::Integration')).map(([id, { Properties }]) => [
        `integrations/${id}`,
        JSON.stringify((Properties as { IntegrationUri: unknown }).IntegrationUri),
      ]),
    );
    return ofType(template, 'AWS::ApiGatewayV2::Route').map(({ Properties: { RouteKey, Target } }) => {
      const [, [, { Ref }]] = (Target as { 'Fn::Join': [string, [string, { Ref: string }]] })['Fn::Join'];
      return {
        key: String(RouteKey),
        fn: /"([A-Z][a-z]+)[0-9A-F]{8}"/.exec(handlers.get(`integrations/${Ref}`) ?? '')?.[1] ?? '',
      };
    });
  };

  it('go to api and public, and to an entry that declares paths of its own', async () => {
    const { entries } = await code();
    const declared = Object.entries(entries).flatMap(([name, { paths = [] }]) => paths.map((path) => [path, name]));
    expect(declared.length).toBeGreaterThan(0);
    const expected = [['/api/{proxy+}', 'api'], ['/public/{proxy+}', 'public'], ...declared];
    const found = targets().map(({ key, fn }) => [key.replace(/^ANY /, ''), fn.toLowerCase()]);
    expect(new Map(found as [string, string][])).toEqual(new Map(expected as [string, string][]));
  });

  it.each([
    ['/api/lists/deals', 'Query'],
    ['/api/search', 'Query'],
    ['/api/deals/1', 'Api'],
    ['/api/searches', 'Api'],
    ['/public/forms/1', 'Public'],
  ])('%s is answered by %s', (path, fn) => {
    expect(routeFinder(targets())('GET', path)?.route.fn).toBe(fn);
  });
});

describe('deliveries', () => {
  it('the stream reaches relay alone: new events only, in order, and a batch that fails five times is kept', () => {
    expectCount(template, 'AWS::Lambda::EventSourceMapping', 1);
    expectOne(template, 'AWS::Lambda::EventSourceMapping', {
      FunctionName: { Ref: Match.stringLikeRegexp('^Relay') },
      StartingPosition: 'TRIM_HORIZON',
      BatchSize: 100,
      BisectBatchOnFunctionError: true,
      MaximumRetryAttempts: 5,
      ParallelizationFactor: 1,
      FilterCriteria: { Filters: [{ Pattern: '{"dynamodb":{"Keys":{"pk":{"S":[{"prefix":"EVENT#"}]}}}}' }] },
      DestinationConfig: { OnFailure: { Destination: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Failures'), 'Arn'] } } },
    });
  });

  it('rules call events for what is listened to, and letters for queued letters', async () => {
    const { entries } = await code();
    const listens = entries['events']?.listens;
    expectOne(template, 'AWS::Events::Rule', {
      EventPattern: { source: ['sdelka'], ...(listens ? { 'detail-type': [...new Set(listens)].sort() } : {}) },
      Targets: [Match.objectLike({ Arn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Events'), 'Arn'] } })],
    });
    expectOne(template, 'AWS::Events::Rule', {
      EventPattern: { source: ['sdelka'], 'detail-type': ['letter.queued'] },
      Targets: [Match.objectLike({ Arn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Letters'), 'Arn'] } })],
    });
    for (const { Properties } of ofType(template, 'AWS::Events::Rule'))
      expect(JSON.stringify(Properties['EventPattern']).length).toBeLessThan(2048);
  });

  it('whatever a rule, schedule or topic cannot hand over becomes a dead letter', () => {
    const dead = { 'Fn::GetAtt': [expect.stringMatching(/^DeadLetters/), 'Arn'] };
    const rules = ofType(template, 'AWS::Events::Rule').flatMap(
      ({ Properties }) => Properties['Targets'] as { DeadLetterConfig?: unknown }[],
    );
    const clock = ofType(template, 'AWS::Scheduler::Schedule').map(
      ({ Properties }) => Properties['Target'] as { DeadLetterConfig?: unknown },
    );
    expect(rules.length + clock.length).toBeGreaterThanOrEqual(6);
    for (const { DeadLetterConfig } of [...rules, ...clock]) expect(DeadLetterConfig).toEqual({ Arn: dead });
    expectOne(template, 'AWS::SNS::Subscription', {
      Protocol: 'lambda',
      RedrivePolicy: { deadLetterTargetArn: Match.anyValue() },
    });
  });

  it('asynchronous calls are repeated twice and then kept', () => {
    expectCount(template, 'AWS::Lambda::EventInvokeConfig', 5);
    expectEach(template, 'AWS::Lambda::EventInvokeConfig', {
      MaximumRetryAttempts: 2,
      DestinationConfig: { OnFailure: { Destination: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Failures'), 'Arn'] } } },
    });
  });

  it.each(Object.values(SCHEDULES))('by the clock ($at) $calls gets $input', ({ at, input }) => {
    expectOne(template, 'AWS::Scheduler::Schedule', {
      ScheduleExpression: at,
      Target: Match.objectLike({ Input: JSON.stringify(input) }),
    });
  });
});

describe('the one address', () => {
  type Behavior = {
    PathPattern?: string;
    CachePolicyId: string;
    AllowedMethods?: string[];
    ViewerProtocolPolicy: string;
  };
  const distribution = (made: Template) =>
    ofType(made, 'AWS::CloudFront::Distribution')[0]?.Properties['DistributionConfig'] as {
      CacheBehaviors: Behavior[];
      DefaultCacheBehavior: Behavior & { ResponseHeadersPolicyId?: unknown };
      Origins: { OriginCustomHeaders?: { HeaderName: string; HeaderValue: unknown }[] }[];
      Aliases?: string[];
      WebACLId?: string;
    };
  /** AWS's managed policies CachingDisabled and AllViewerExceptHostHeader. */
  const [UNCACHED, ALL_BUT_HOST] = ['4135ea2d-6df8-44a3-9df3-4b5a84be39ad', 'b689b0a8-53d0-40ab-baf2-68738e2966ac'];

  it('passes the API and public pages on, uncached, by all methods and with the viewer address', () => {
    const { CacheBehaviors, DefaultCacheBehavior } = distribution(template);
    expect(CacheBehaviors.map(({ PathPattern }) => PathPattern)).toEqual(['/api/*', '/public/*']);
    for (const behavior of CacheBehaviors)
      expect(behavior).toMatchObject({
        CachePolicyId: UNCACHED,
        OriginRequestPolicyId: ALL_BUT_HOST,
        AllowedMethods: expect.arrayContaining(['POST', 'DELETE', 'PATCH']),
        ViewerProtocolPolicy: 'https-only',
        FunctionAssociations: [
          {
            EventType: 'viewer-request',
            FunctionARN: { 'Fn::GetAtt': [expect.stringMatching(/^TellAddress/), 'FunctionARN'] },
          },
        ],
      });
    expect(DefaultCacheBehavior).toMatchObject({
      ResponseHeadersPolicyId: expect.anything(),
      FunctionAssociations: [
        { FunctionARN: { 'Fn::GetAtt': [expect.stringMatching(/^PagesAreIndex/), 'FunctionARN'] } },
      ],
    });
  });

  it('proves itself to the functions by the secret they know', () => {
    const headers = distribution(template).Origins.flatMap(({ OriginCustomHeaders = [] }) => OriginCustomHeaders);
    expect(headers).toHaveLength(1);
    expectOne(template, 'AWS::Lambda::Function', {
      Environment: { Variables: Match.objectLike({ ORIGIN_SECRET: headers[0]?.HeaderValue }) },
    });
    expect(headers[0]).toEqual({
      HeaderName: 'x-origin-secret',
      HeaderValue: { 'Fn::Select': [2, { 'Fn::Split': ['/', { Ref: 'AWS::StackId' }] }] },
    });
  });

  it('may be a domain of the firm behind a web ACL', async () => {
    const certificateArn = 'arn:aws:acm:us-east-1:123456789012:certificate/1';
    const webAclArn = 'arn:aws:wafv2:us-east-1:123456789012:global/webacl/x/1';
    const { template: own } = await synth({ context: { domain: 'sales.firm.example', certificateArn, webAclArn } });
    expect(distribution(own)).toMatchObject({ Aliases: ['sales.firm.example'], WebACLId: webAclArn });
    expectOne(own, 'AWS::Lambda::Function', {
      Environment: { Variables: Match.objectLike({ BASE_URL: 'https://sales.firm.example' }) },
    });
    expectOne(own, 'AWS::Cognito::UserPoolClient', { CallbackURLs: ['https://sales.firm.example/'] });
  });

  type Request = { uri: string; headers: Record<string, { value: string }> };
  const run = (source: string, event: { request: Request; viewer?: { ip: string } }): Request =>
    runInNewContext(`${source}; handler(event)`, { event }) as Request;

  it.each([
    ['/', '/index.html'],
    ['/deals/deal_1', '/index.html'],
    ['/deals/board/', '/index.html'],
    ['/assets/app-1a2b.js', '/assets/app-1a2b.js'],
  ])('of the console, %s is %s', (uri, wanted) => {
    expect(run(PAGES_ARE_INDEX, { request: { uri, headers: {} } }).uri).toBe(wanted);
  });

  it('overwrites whatever address a viewer claims', () => {
    const request = { uri: '/public/forms/1', headers: { 'x-viewer-address': { value: '1.1.1.1' } } };
    expect(run(TELL_ADDRESS, { request, viewer: { ip: '2001:db8::7' } }).headers).toEqual({
      'x-viewer-address': { value: '2001:db8::7' },
    });
  });
});

describe('mail and sign-in', () => {
  it('letters hear five things of each letter, and nobody counts openings or clicks', () => {
    expectCount(template, 'AWS::SES::ConfigurationSet', 2);
    expectCount(template, 'AWS::SES::ConfigurationSetEventDestination', 2);
    expectEach(template, 'AWS::SES::ConfigurationSetEventDestination', {
      EventDestination: Match.objectLike({ MatchingEventTypes: ['send', 'delivery', 'bounce', 'complaint', 'reject'] }),
    });
  });

  it('letters come from the domain of the sender', async () => {
    const { template: own } = await synth({ context: { sender: 'sales@firm.example' } });
    expectOne(own, 'AWS::SES::EmailIdentity', { EmailIdentity: 'firm.example' });
    expectOne(own, 'AWS::Lambda::Function', {
      Environment: { Variables: Match.objectLike({ SENDER: 'sales@firm.example' }) },
    });
  });

  it('nobody signs up by himself, and the browser holds no secret', () => {
    expectOne(template, 'AWS::Cognito::UserPool', {
      AdminCreateUserConfig: { AllowAdminCreateUserOnly: true },
      UserPoolTier: 'ESSENTIALS',
      DeletionProtection: 'ACTIVE',
    });
    expectOne(template, 'AWS::Cognito::UserPoolClient', {
      GenerateSecret: false,
      AllowedOAuthFlows: ['code'],
      AllowedOAuthScopes: ['openid', 'email', 'profile'],
    });
  });

  it('an issuer of the firm takes the place of the user pool', async () => {
    const { template: own } = await synth({ context: { issuer: 'https://login.firm.example', clientId: 'crm' } });
    expect(Object.keys(own.findResources('AWS::Cognito::UserPool'))).toEqual([]);
    expectOne(own, 'AWS::Lambda::Function', {
      Environment: { Variables: Match.objectLike({ ISSUER: 'https://login.firm.example', CLIENT_ID: 'crm' }) },
    });
  });
});
