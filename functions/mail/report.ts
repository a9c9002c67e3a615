import * as z from 'zod';
import { normaliseEmail } from '#shared/email.ts';
import { commit, run, type Context } from '#shared/command.ts';
import type { NewEvent } from '#shared/events.ts';
import { log } from '#shared/log.ts';
import { get } from '#shared/table/read.ts';
import type { Write } from '#shared/table/write.ts';
import { LetterReported, type Letter } from './letter.ts';
import { addresses, letters, stopped } from './store.ts';

/** What SES says of a letter, by SNS. Source: SES developer guide, contents of event data. */
export const SesReport = z.looseObject({
  eventType: z.string(),
  mail: z.looseObject({
    messageId: z.string(),
    destination: z.array(z.string()).default([]),
    tags: z.record(z.string(), z.array(z.string())).default({}),
  }),
  bounce: z.looseObject({ bounceType: z.string(), bounceSubType: z.string().optional() }).optional(),
});
type SesReport = z.output<typeof SesReport>;

type Report = 'sent' | 'delivered' | 'bounced' | 'complained';
const REPORTS: Readonly<Record<string, Report>> = {
  Send: 'sent',
  Delivery: 'delivered',
  Bounce: 'bounced',
  Complaint: 'complained',
  Reject: 'bounced',
};
/** Reports come in any order: what is later in a letter's life is never taken back. */
const ORDER: readonly Letter['state'][] = ['queued', 'sending', 'sent', 'delivered', 'bounced', 'complained'];

/** Notes what became of a letter; a hard bounce or a complaint stops all letters to the address. */
export async function note(report: SesReport, context: Context): Promise<void> {
  const said = REPORTS[report.eventType];
  const id = report.mail.tags['letter']?.[0];
  if (said === undefined || id === undefined) return;
  const known = await get(letters, { id });
  if (!known) return log().warn('a report of an unknown letter', { letter: id });
  const transient = said === 'bounced' && report.bounce?.bounceType === 'Transient';
  // SES rejects what it found harmful in the letter: nothing is wrong with the address.
  const stops = (report.eventType === 'Bounce' && !transient) || said === 'complained';
  await run(
    commit(async (read) => {
      const letter = await read.need(letters, { id });
      const writes: Write[] = [];
      const events: NewEvent[] = [];
      if (!transient && ORDER.indexOf(said) > ORDER.indexOf(letter.state)) {
        const write = letters.save(letter, reported(letter, said, report, context.now));
        writes.push(write);
        events.push(LetterReported.of(write, { report: said }));
      }
      const email = normaliseEmail(letter.to.email) ?? letter.to.email;
      // Of a letter whose reader was forgotten nobody knows where it went.
      if (stops && email !== '' && !(await stopped(read, email))) {
        writes.push(
          addresses.create({ email, version: 1, why: said === 'bounced' ? 'bounced' : 'complained', at: context.now }),
        );
      }
      return writes.length > 0 ? { writes, events } : undefined;
    }),
    { ...context, requestId: known.requestId },
  );
}

/** The Send report also settles a letter whose sender was lost between sending and marking. */
const reported = (letter: Letter, said: Report, { mail, bounce }: SesReport, now: string): Partial<Letter> => ({
  state: said,
  messageId: mail.messageId,
  sentAt: letter.sentAt ?? now,
  ...(bounce && { reason: `${bounce.bounceType} ${bounce.bounceSubType ?? ''}`.trim() }),
  lease: undefined,
  leaseUntil: undefined,
  priority: undefined,
  shard: undefined,
  dueAt: undefined,
});
