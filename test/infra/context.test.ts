import { describe, expect, it } from 'vitest';
import { readContext } from '#infra/context.ts';

const said = (context: Record<string, unknown>): string => {
  try {
    readContext(context);
    return 'nothing';
  } catch (error) {
    return (error as Error).message;
  }
};
const certificateArn = 'arn:aws:acm:us-east-1:123456789012:certificate/1';

describe('settings of a deployment', () => {
  it('may all be left out', () => {
    expect(readContext({})).toEqual({
      stage: 'prod',
      sender: 'nobody@example.com',
      adminEmail: 'nobody@example.com',
      logDays: 30,
    });
  });

  it('are taken from the command line, where everything is text', () => {
    expect(readContext({ logDays: '7', stage: 'test', domain: 'sales.firm.example', certificateArn })).toMatchObject({
      logDays: 7,
      stage: 'test',
      domain: 'sales.firm.example',
    });
  });

  it("leave the CDK's own context alone", () => {
    const own = { '@aws-cdk/core:flag': true, 'aws:cdk:bundling-stacks': ['*'], 'cli-telemetry': false };
    expect(readContext(own)).toEqual(readContext({}));
  });

  const wrong: readonly [string, Record<string, unknown>, string][] = [
    [
      'a certificate of another region',
      { domain: 'a.example', certificateArn: certificateArn.replace('us-east-1', 'eu-west-1') },
      'certificateArn: must be the ARN of a certificate in us-east-1',
    ],
    [
      'a regional web ACL',
      { webAclArn: 'arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/x/1' },
      'webAclArn: must be the ARN of a web ACL with scope CLOUDFRONT',
    ],
    [
      'a domain without a certificate',
      { domain: 'sales.firm.example' },
      'certificateArn: is missing: a domain of your own needs a certificate',
    ],
    ['a certificate without a domain', { certificateArn }, 'domain: is missing'],
    ['a domain with a scheme', { domain: 'https://a.example', certificateArn }, 'domain: is a bare host name'],
    [
      'an issuer without its client',
      { issuer: 'https://login.firm.example' },
      'clientId: is missing: an own issuer is used together with',
    ],
    ['an issuer without TLS', { issuer: 'http://login.firm.example', clientId: 'x' }, 'issuer: is the https address'],
    [
      'a restored table without its stream',
      { tableName: 'Restored' },
      'tableStreamArn: is missing: a restored table comes with its stream',
    ],
    ['a sender that is no address', { sender: 'sales' }, 'sender: is the e-mail address that letters come from'],
    ['days that CloudWatch does not know', { logDays: 31 }, 'logDays: is how long logs are kept, one of 1, 3, 5, 7'],
    ['a stage that cannot be part of a name', { stage: 'Prod 1' }, 'stage: is up to 16 small letters'],
    ['a misspelt setting', { domian: 'x' }, 'domian: there is no such setting; there are stage, domain,'],
  ];
  it.each(wrong)('refuse %s in plain words', (_, context, words) => {
    expect(said(context)).toContain(`- ${words}`);
  });

  it('are refused all at once', () => {
    expect(said({ sender: 'x', logDays: 'many' }).split('\n')).toHaveLength(3);
  });
});
