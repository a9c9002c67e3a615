import { GetSendQuotaCommand, SendRawEmailCommand, SESClient } from '@aws-sdk/client-ses';
import { ListSuppressedDestinationsCommand, SESv2Client } from '@aws-sdk/client-sesv2';
import { clientDefaults } from './defaults.ts';

let client: SESClient | undefined;
let second: SESv2Client | undefined;
/** One attempt: SES knows no repeat of a call whose answer was lost, so the outbox decides when a letter is tried again. */
const ses = (): SESClient => (client ??= new SESClient({ ...clientDefaults(), maxAttempts: 1 }));

/** Hands the bytes of a letter to SES; answers SES's message id. */
export async function sendRaw(bytes: Buffer, from: string, to: string): Promise<string> {
  const { MessageId = '' } = await ses().send(
    new SendRawEmailCommand({
      Source: from,
      Destinations: [to],
      RawMessage: { Data: bytes },
      ConfigurationSetName: process.env['CONFIGURATION_SET'],
    }),
  );
  return MessageId;
}

/** Letters a second that SES takes now, and how many are left of today's 24 hours. */
export async function sendQuota(): Promise<{ perSecond: number; left: number }> {
  const { MaxSendRate = 1, Max24HourSend = 200, SentLast24Hours = 0 } = await ses().send(new GetSendQuotaCommand({}));
  return { perSecond: MaxSendRate, left: Max24HourSend - SentLast24Hours };
}

const BY_REASON = { BOUNCE: 'bounced', COMPLAINT: 'complained' } as const;

/** Addresses SES itself will not write to, page by page. */
export async function* suppressed(): AsyncGenerator<{ email: string; why: 'bounced' | 'complained' }> {
  second ??= new SESv2Client(clientDefaults());
  let NextToken: string | undefined;
  do {
    const page = await second.send(new ListSuppressedDestinationsCommand({ NextToken, PageSize: 100 }));
    for (const { EmailAddress, Reason } of page.SuppressedDestinationSummaries ?? []) {
      if (EmailAddress !== undefined && Reason !== undefined) yield { email: EmailAddress, why: BY_REASON[Reason] };
    }
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
}
