import { listens } from '#functions/events.ts';
import type { Served } from './call.ts';
import type { Mailed } from './cloud.ts';
import type { FunctionName } from './queue.ts';

type Later = (fn: FunctionName, payload: unknown, delay?: number) => void;

/** PutEvents: what was told goes to the functions whose rules want it; `partly` leaves the first entry out. */
export function putEvents(body: string, partly: boolean, later: Later): Served {
  const { Entries } = JSON.parse(body) as { Entries: { Detail: string; DetailType: string; Source: string }[] };
  const answers = Entries.map(({ Detail, DetailType, Source }, at) => {
    if (partly && at === 0) return { ErrorCode: 'ThrottlingException', ErrorMessage: 'injected' };
    const event = { source: Source, 'detail-type': DetailType, detail: JSON.parse(Detail) as unknown };
    if (listens.includes(DetailType)) later('events', event);
    if (DetailType === 'letter.queued') later('letters', event);
    return { EventId: `${DetailType}-${at}` };
  });
  return { status: 200, body: JSON.stringify({ FailedEntryCount: partly ? 1 : 0, Entries: answers }) };
}

/** SES tells by SNS that it took a letter, and that it arrived. */
export function reportOf({ letter, to, messageId }: Mailed, later: Later): void {
  for (const [eventType, delay] of [
    ['Send', 5000],
    ['Delivery', 9000],
  ] as const) {
    const mail = { messageId, destination: [to], tags: { letter: [letter] } };
    later('letters', { Records: [{ Sns: { Message: JSON.stringify({ eventType, mail }) } }] }, delay);
  }
}
