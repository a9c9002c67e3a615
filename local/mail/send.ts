import { randomUUID } from 'node:crypto';
import { AccessDenied, ACCOUNT, REGION, type Authorize, type Resource } from '../contract.ts';
import { AwsError, type Answer, type Call } from '../front.ts';
import { outgoingOf, type Outgoing } from './request.ts';
import { QUOTA } from './suppression.ts';

type Parts = {
  resources: readonly Resource[];
  authorize: Authorize;
  /** Keeps the letter and returns its message id. */
  accept(outgoing: Outgoing, caller: string): string;
  sentLastDay(): number;
};

/** The action of a request of the query protocol. */
export const sendAction = ({ body }: { body: Buffer }): string =>
  /(?:^|&)Action=(\w+)/.exec(body.toString('latin1', 0, 4096))?.[1] ?? 'unknown';

/** Serves SES's v1 API: SendRawEmail, SendEmail, GetSendQuota; any other action fails at once. */
export function sendHandler({ resources, authorize, accept, sentLastDay }: Parts): (call: Call) => Promise<Answer> {
  const check = sendingRights(resources, authorize);
  return async ({ action, caller, body }) => {
    switch (action) {
      case 'SendRawEmail':
      case 'SendEmail': {
        const outgoing = await outgoingOf(action, new URLSearchParams(body.toString()));
        check(caller, action, outgoing);
        return xml(action, { MessageId: accept(outgoing, caller) });
      }
      case 'GetSendQuota':
        authorize(caller, { action: 'ses:GetSendQuota', resource: '*' });
        return xml(action, { ...QUOTA, SentLast24Hours: sentLastDay() });
      default:
        throw new AwsError(
          'InvalidAction',
          `${action} is not part of the local cloud: local/mail/send.ts says what is.`,
        );
    }
  };
}

/** A sender must be verified and granted, and so must the configuration set. */
function sendingRights(resources: readonly Resource[], authorize: Authorize) {
  const named = (type: string) => resources.filter((one) => one.type === type).map(({ name }) => name);
  const sets = new Set(named('AWS::SES::ConfigurationSet'));
  const identities = named('AWS::SES::EmailIdentity');
  const arn = (resource: string): string => `arn:aws:ses:${REGION}:${ACCOUNT}:${resource}`;
  return (caller: string, action: string, { source, configurationSet }: Outgoing): void => {
    const domain = source.split('@')[1] ?? '';
    const identity = identities.find((name) => name === source) ?? identities.find((name) => name === domain);
    const access = { action: `ses:${action}`, context: { 'ses:FromAddress': [source] } };
    authorize(caller, { ...access, resource: arn(`identity/${identity ?? domain}`) });
    if (configurationSet) authorize(caller, { ...access, resource: arn(`configuration-set/${configurationSet}`) });
    if (identities.length && !identity) {
      throw new AwsError(
        'MessageRejected',
        `Email address is not verified. The following identities failed the check in region ${REGION.toUpperCase()}: ${source}`,
      );
    }
    if (configurationSet && !sets.has(configurationSet)) {
      throw new AwsError('ConfigurationSetDoesNotExist', `Configuration set <${configurationSet}> does not exist.`);
    }
  };
}

const NAMESPACE = 'http://ses.amazonaws.com/doc/2010-12-01/';

function xml(action: string, result: Readonly<Record<string, string | number>>): Answer {
  const fields = Object.entries(result).map(([name, value]) => `<${name}>${value}</${name}>`);
  const request = `<ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata>`;
  return {
    status: 200,
    headers: { 'content-type': 'text/xml' },
    body: `<${action}Response xmlns="${NAMESPACE}"><${action}Result>${fields.join('')}</${action}Result>${request}</${action}Response>`,
  };
}

export function xmlError({ type, message, status }: AwsError): Answer {
  const denied = type === new AccessDenied().name;
  const text = message.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  const error = `<Type>Sender</Type><Code>${denied ? 'AccessDenied' : type}</Code><Message>${text}</Message>`;
  return {
    status: denied ? 403 : status,
    headers: { 'content-type': 'text/xml' },
    body: `<ErrorResponse xmlns="${NAMESPACE}"><Error>${error}</Error><RequestId>${randomUUID()}</RequestId></ErrorResponse>`,
  };
}
