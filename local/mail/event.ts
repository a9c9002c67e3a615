import { randomUUID } from 'node:crypto';
import { ACCOUNT, type Resource } from '../contract.ts';
import type { Letter, Outcome } from './letter.ts';

export type MailEvent = { eventType: 'Send' | 'Delivery' | 'Bounce' | 'Complaint' } & Record<string, unknown>;

/** The events SES publishes about a letter, in its shape: Send always, then what became of each recipient. */
export function mailEvents(letter: Letter, timestamp: string): MailEvent[] {
  const who = (...outcomes: Outcome[]) =>
    Object.entries(letter.recipients).flatMap(([address, outcome]) => (outcomes.includes(outcome) ? [address] : []));
  const mail = mailOf(letter);
  const delivered = who('delivered', 'complained');
  const feedback = { timestamp, feedbackId: randomUUID() };
  const bounce = (addresses: readonly string[], subType: string, diagnosticCode: string): MailEvent[] => {
    const bouncedRecipients = addresses.map((emailAddress) => ({
      emailAddress,
      action: 'failed',
      status: '5.1.1',
      diagnosticCode,
    }));
    const about = { bounceType: 'Permanent', bounceSubType: subType, bouncedRecipients, ...feedback };
    return addresses.length ? [{ eventType: 'Bounce', mail, bounce: about }] : [];
  };
  const complaint = {
    complainedRecipients: who('complained').map((emailAddress) => ({ emailAddress })),
    complaintFeedbackType: 'abuse',
    ...feedback,
  };
  const delivery = { timestamp, processingTimeMillis: 1, recipients: delivered, smtpResponse: '250 2.0.0 OK' };
  return [
    { eventType: 'Send', mail, send: {} },
    ...(delivered.length ? [{ eventType: 'Delivery' as const, mail, delivery }] : []),
    ...bounce(who('bounced'), 'General', 'smtp; 550 5.1.1 user unknown'),
    ...bounce(who('suppressed'), 'OnAccountSuppressionList', 'Amazon SES did not send: the address is suppressed'),
    ...(complaint.complainedRecipients.length ? [{ eventType: 'Complaint' as const, mail, complaint }] : []),
  ];
}

function mailOf({ id, at, from, subject, recipients, tags, configurationSet, caller }: Letter): object {
  const destination = Object.keys(recipients);
  return {
    timestamp: new Date(at).toISOString(),
    messageId: id,
    source: from,
    sendingAccountId: ACCOUNT,
    destination,
    headersTruncated: false,
    commonHeaders: { from: [from], to: destination, subject, messageId: id },
    tags: {
      ...Object.fromEntries(Object.entries(tags).map(([name, value]) => [name, [value]])),
      ...(configurationSet ? { 'ses:configuration-set': [configurationSet] } : {}),
      'ses:caller-identity': [caller],
    },
  };
}

export type Destinations = (
  event: MailEvent,
  configurationSet: string | undefined,
) => { fn: string; payload: object }[];

/** Who hears of which event: the Lambda subscribers of the topics that a configuration set's destinations name. */
export function mailDestinations(resources: readonly Resource[]): Destinations {
  const propsOf = (type: string) => resources.filter((one) => one.type === type).map(({ props }) => props);
  const subscribers = Map.groupBy(
    propsOf('AWS::SNS::Subscription').filter(({ Protocol }) => Protocol === 'lambda'),
    ({ TopicArn }) => String(TopicArn),
  );
  const declared = propsOf('AWS::SES::ConfigurationSetEventDestination').map((props) => {
    const destination = props['EventDestination'] as {
      Enabled?: boolean;
      MatchingEventTypes: readonly string[];
      SnsDestination?: { TopicARN: string };
    };
    return { set: String(props['ConfigurationSetName']), destination };
  });
  return (event, configurationSet) =>
    declared
      .filter(
        ({ set, destination: { Enabled, MatchingEventTypes } }) =>
          set === configurationSet &&
          Enabled !== false &&
          MatchingEventTypes.some((type) => type.toLowerCase() === event.eventType.toLowerCase()),
      )
      .map(({ destination }) => destination.SnsDestination?.TopicARN ?? '')
      .flatMap((topic) =>
        (subscribers.get(topic) ?? []).map(({ Endpoint }) => ({
          fn: String(Endpoint),
          payload: notification(topic, event),
        })),
      );
}

/** An SNS notification as Lambda receives it. */
const notification = (topic: string, event: MailEvent): object => ({
  Records: [
    {
      EventSource: 'aws:sns',
      EventVersion: '1.0',
      EventSubscriptionArn: `${topic}:${randomUUID()}`,
      Sns: {
        Type: 'Notification',
        MessageId: randomUUID(),
        TopicArn: topic,
        Subject: 'Amazon SES Email Event Notification',
        Message: JSON.stringify(event),
        Timestamp: (event['mail'] as { timestamp: string }).timestamp,
        SignatureVersion: '1',
        Signature: 'local',
        SigningCertUrl: '',
        UnsubscribeUrl: '',
        MessageAttributes: {},
      },
    },
  ],
});
