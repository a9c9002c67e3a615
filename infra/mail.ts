import { Aws, CfnOutput, Validations } from 'aws-cdk-lib';
import {
  ConfigurationSet,
  EmailIdentity,
  EmailSendingEvent,
  EventDestination,
  Identity,
  SuppressionReasons,
} from 'aws-cdk-lib/aws-ses';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { LambdaSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { acceptWildcards } from './acknowledge.ts';
import type { Context } from './context.ts';
import type { EntryFunction } from './lambda.ts';

export type Mail = {
  sender: string;
  /** For what one person waits for: no tracking of any kind. */
  transactional: ConfigurationSet;
  /** For mailings: clicks are counted by our own redirect, opens never. */
  mailings: ConfigurationSet;
  /** SES tells here what became of each letter. */
  news: Topic;
  /** What sending is asked for: the identity and both configuration sets. */
  arns: string[];
};

const NEWS = [
  EmailSendingEvent.SEND,
  EmailSendingEvent.DELIVERY,
  EmailSendingEvent.BOUNCE,
  EmailSendingEvent.COMPLAINT,
  EmailSendingEvent.REJECT,
];

/** Letters come from the sender's domain, signed by DKIM: the records to set in its DNS are outputs of the stack. */
export function mail(scope: Construct, { sender }: Context): Mail {
  const domain = sender.slice(sender.indexOf('@') + 1);
  const identity = new EmailIdentity(scope, 'Sender', { identity: Identity.domain(domain) });
  for (const [place, { name, value }] of identity.dkimRecords.entries())
    new CfnOutput(scope, `Dkim${place + 1}`, { value: `${name} CNAME ${value}` });
  const news = new Topic(scope, 'MailNews', { enforceSSL: true });
  Validations.of(news).acknowledge({
    id: 'AwsSolutions-SNS2',
    reason: 'Encrypted at rest by SNS itself would need a paid key.',
  });
  const sets = { transactional: set(scope, 'Transactional', news), mailings: set(scope, 'Mailings', news) };
  const arns = [
    arn(`identity/${domain}`),
    ...Object.values(sets).map(({ configurationSetName }) => arn(`configuration-set/${configurationSetName}`)),
  ];
  return { sender, news, arns, ...sets };
}

const arn = (resource: string): string => `arn:${Aws.PARTITION}:ses:${Aws.REGION}:${Aws.ACCOUNT_ID}:${resource}`;

function set(scope: Construct, id: string, news: Topic): ConfigurationSet {
  const made = new ConfigurationSet(scope, id, {
    reputationMetrics: true,
    suppressionReasons: SuppressionReasons.BOUNCES_AND_COMPLAINTS,
  });
  made.addEventDestination('News', { destination: EventDestination.snsTopic(news), events: NEWS });
  return made;
}

/** `letters` hears what became of its letters. */
export function serveMail(letters: EntryFunction, { news }: Mail, dead: IQueue): void {
  news.addSubscription(new LambdaSubscription(letters, { deadLetterQueue: dead }));
  acceptWildcards(
    letters.role,
    'Quota, state and suppression list belong to the account: SES knows no resource for them.',
    'Resource::*',
  );
}
