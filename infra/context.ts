import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import * as z from 'zod';

/** Stand-ins until the firm names its own: the stack can be looked at and run locally, and says what is missing. */
export const NOBODY = 'nobody@example.com';

/** CloudFormation's own schemas check every template at synthesis: what they find stops it. */
export const FLAGS = { '@aws-cdk/core:validateAgainstDefaultRules': true };

/** What CloudWatch Logs takes; for ever (9999) is not offered. */
const DAYS = Object.values(RetentionDays)
  .map(Number)
  .filter((days) => days < 9999);

const host = z
  .string()
  .regex(
    /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/,
    'is a bare host name like sales.firm.example',
  );
const arnOf = (service: string, resource: string, why: string) =>
  z.string().regex(new RegExp(`^arn:aws[a-z-]*:${service}:us-east-1:\\d{12}:${resource}`), why);

/** What a firm may choose at deployment, by `-c name=value` or in the `context` of cdk.json. */
export const Context = z
  .strictObject({
    stage: z
      .string()
      .regex(/^[a-z][a-z0-9]{0,15}$/, 'is up to 16 small letters and digits, like prod or test')
      .default('prod'),
    domain: host.optional(),
    certificateArn: arnOf(
      'acm',
      'certificate/',
      'must be the ARN of a certificate in us-east-1: CloudFront takes certificates from there only, whatever the region of the stack',
    ).optional(),
    webAclArn: arnOf(
      'wafv2',
      'global/webacl/',
      'must be the ARN of a web ACL with scope CLOUDFRONT, which lies in us-east-1',
    ).optional(),
    sender: z.email('is the e-mail address that letters come from').default(NOBODY),
    adminEmail: z.email('is the e-mail address of the first admin; alarms go there too').default(NOBODY),
    issuer: z.url({ protocol: /^https$/, error: 'is the https address of an OpenID Connect issuer' }).optional(),
    clientId: z.string().min(1).optional(),
    logDays: z.coerce
      .number()
      .refine((days) => DAYS.includes(days), `is how long logs are kept, one of ${DAYS.join(', ')} days`)
      .default(30),
    tableName: z.string().min(3).optional(),
    tableStreamArn: z
      .string()
      .regex(/^arn:aws[a-z-]*:dynamodb:[a-z0-9-]+:\d{12}:table\/[^/]+\/stream\/.+$/, 'is the ARN of a table stream')
      .optional(),
  })
  .superRefine((context, check) => {
    for (const [one, other, why] of PAIRS) {
      const missing = context[one] === undefined ? one : other;
      if ((context[one] === undefined) !== (context[other] === undefined))
        check.addIssue({ code: 'custom', path: [missing], message: `is missing: ${why}` });
    }
  });
export type Context = z.output<typeof Context>;

const PAIRS = [
  ['domain', 'certificateArn', 'a domain of your own needs a certificate for it, and the other way round'],
  ['issuer', 'clientId', 'an own issuer is used together with the client id it gave this application'],
  ['tableName', 'tableStreamArn', 'a restored table comes with its stream: switch it on (new images) and name it'],
] as const;

/**
 * Reads the settings among everything the CDK keeps in its context; names with a `:`, `/` or `-` are the CDK's own.
 * @throws Error that lists every wrong setting in a line of its own
 */
export function readContext(all: Readonly<Record<string, unknown>>): Context {
  const own = Object.fromEntries(Object.entries(all).filter(([name]) => /^\w+$/.test(name)));
  const parsed = Context.safeParse(own);
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map(
          (key) => `- ${key}: there is no such setting; there are ${Object.keys(Context.shape).join(', ')}`,
        )
      : [`- ${issue.path.join('.')}: ${issue.message}`],
  );
  throw new Error(
    `The settings of the deployment (-c name=value, or "context" in cdk.json) are wrong:\n${lines.join('\n')}`,
  );
}
