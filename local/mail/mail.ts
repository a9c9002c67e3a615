import { randomUUID } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { Authorize, Clock, Faults, Log, Resource, Service } from '../contract.ts';
import { startFront } from '../front.ts';
import { mailDestinations, mailEvents } from './event.ts';
import { inboxOf, type Inbox } from './inbox.ts';
import { letterStore, type Letter, type LetterStore, type Outcome } from './letter.ts';
import type { Outgoing } from './request.ts';
import { sendAction, sendHandler, xmlError } from './send.ts';
import { suppressionAction, suppressionHandler, suppressionList, type SuppressionList } from './suppression.ts';

export type MailOptions = {
  resources: readonly Resource[];
  db: DatabaseSync;
  clock: Clock;
  authorize: Authorize;
  faults: Faults;
  crash(worker: string): void;
  log: Log;
  /** Hands an event to a function (its ARN or name), durably. */
  invokeAsync(fn: string, payload: unknown): void | Promise<void>;
};

export type Mail = Service & {
  /** SES v1. */
  url: string;
  /** SES v2: suppression list and account. */
  urlV2: string;
  inbox: Inbox;
};

const DAY = 86_400_000;

/** SES: keeps every letter with its bytes, and publishes its events by SNS to the functions the template subscribes. */
export async function startMail(options: MailOptions): Promise<Mail> {
  const { resources, db, clock, authorize, faults, crash } = options;
  const letters = letterStore(db);
  const list = suppressionList(db);
  const { accept, recover, pending } = postOffice(options, letters, list);
  await recover();
  const sentLastDay = (): number => letters.countSince(clock.now() - DAY);
  const handle = sendHandler({ resources, authorize, accept, sentLastDay });
  const v1 = await startFront({ service: 'ses', faults, crash, actionOf: sendAction, errorAnswer: xmlError, handle });
  const v2 = await startFront({
    service: 'sesv2',
    faults,
    crash,
    actionOf: suppressionAction,
    handle: suppressionHandler({ list, clock, authorize, sentLastDay }),
  });
  return {
    name: 'ses',
    url: v1.url,
    urlV2: v2.url,
    inbox: inboxOf(letters),
    pending,
    nextDue: () => undefined,
    stop: async () => {
      await Promise.all([v1.stop(), v2.stop()]);
    },
  };
}

/** Accepts letters and tells of what becomes of them; `recover` tells of those that a kill left untold. */
function postOffice({ resources, clock, invokeAsync, log }: MailOptions, letters: LetterStore, list: SuppressionList) {
  const destinations = mailDestinations(resources);
  let pending = 0;
  const tell = async (letter: Letter): Promise<void> => {
    for (const event of mailEvents(letter, new Date(clock.now()).toISOString())) {
      for (const { fn, payload } of destinations(event, letter.configurationSet)) await invokeAsync(fn, payload);
    }
    letters.told(letter.id);
  };
  const accept = (outgoing: Outgoing, caller: string): string => {
    const { source: from, subject, tags, configurationSet } = outgoing;
    const recipients = Object.fromEntries(
      outgoing.recipients.map((address) => [address, outcomeFor(address, list.has)]),
    );
    const at = clock.now();
    const id = `${at.toString(16).padStart(16, '0')}-${randomUUID()}-000000`;
    const letter = { id, at, from, subject, recipients, tags, configurationSet, caller };
    letters.add(letter, outgoing.raw);
    // the sender does not wait for what becomes of it
    pending += 1;
    void tell(letter)
      .catch((error: unknown) => log({ service: 'ses', letter: id, error: String(error) }))
      .finally(() => (pending -= 1));
    return id;
  };
  const recover = async (): Promise<void> => {
    for (const letter of letters.untold()) await tell(letter);
  };
  return { accept, recover, pending: () => pending };
}

/** SES's mailbox simulator, with or without a +label; every other address receives. */
function outcomeFor(address: string, suppressed: (address: string) => boolean): Outcome {
  if (suppressed(address)) return 'suppressed';
  const simulated = /^(\w+)(?:\+.*)?@simulator\.amazonses\.com$/i.exec(address)?.[1]?.toLowerCase();
  switch (simulated) {
    case 'bounce':
      return 'bounced';
    case 'complaint':
      return 'complained';
    case 'suppressionlist':
      return 'suppressed';
    default:
      return 'delivered';
  }
}
