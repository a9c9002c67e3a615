import * as z from 'zod';
import { ACCOUNT, type Authorize, type Faults, REGION } from '../contract.ts';
import { type Answer, AwsError, type Call, startFront } from '../front.ts';
import type { Bus } from './bus.ts';

export type BusFrontOptions = {
  bus: Bus;
  authorize: Authorize;
  faults: Faults;
  crash(worker: string): void;
  /** In rough weather: says whether this entry fails, as single entries do on AWS. */
  refuses(): boolean;
};

const Entry = z.object({
  Time: z.number().optional(),
  Source: z.string().optional(),
  DetailType: z.string().optional(),
  Detail: z.string().optional(),
  EventBusName: z.string().default('default'),
  Resources: z.array(z.string()).default([]),
});
type Entry = z.infer<typeof Entry>;
const PutEvents = z.object({ Entries: z.array(Entry).min(1).max(10) });
type Result = { EventId: string } | { ErrorCode: string; ErrorMessage: string };

/** AWS counts the entries of a call together. */
const SIZE_LIMIT = 256 * 1024;

/** EventBridge's API: PutEvents. */
export function startBusFront(options: BusFrontOptions): ReturnType<typeof startFront> {
  return startFront({
    service: 'events',
    faults: options.faults,
    crash: options.crash,
    handle: async (call) => handle(options, call),
  });
}

function handle(options: BusFrontOptions, call: Call): Answer {
  if (call.action !== 'PutEvents')
    throw new AwsError('UnknownOperationException', `EventBridge here knows only PutEvents, not ${call.action}`);
  const parsed = PutEvents.safeParse(JSON.parse(call.body.toString()));
  if (!parsed.success) throw new AwsError('ValidationException', z.prettifyError(parsed.error));
  const entries = parsed.data.Entries.map((entry) =>
    Object.assign(entry, { EventBusName: nameOf(entry.EventBusName) }),
  );
  if (entries.reduce((sum, entry) => sum + sizeOf(entry), 0) > SIZE_LIMIT)
    throw new AwsError('ValidationException', 'Total size of the entries in the request is over the limit.');
  for (const { EventBusName, Source = '', DetailType = '' } of entries)
    options.authorize(call.caller, {
      action: 'events:PutEvents',
      resource: `arn:aws:events:${REGION}:${ACCOUNT}:event-bus/${EventBusName}`,
      context: { 'events:source': [Source], 'events:detail-type': [DetailType] },
    });
  const Entries = entries.map((entry) => accept(options, entry));
  const FailedEntryCount = Entries.filter((result) => 'ErrorCode' in result).length;
  const body = JSON.stringify({ Entries, FailedEntryCount });
  return { status: 200, headers: { 'content-type': 'application/x-amz-json-1.1' }, body };
}

const nameOf = (busOrArn: string): string => busOrArn.split('/').at(-1) ?? busOrArn;

/** How AWS counts an entry: 14 bytes for a time, and the bytes of its texts. */
function sizeOf({ Time, Source = '', DetailType = '', Detail = '', Resources }: Entry): number {
  const texts = [Source, DetailType, Detail, ...Resources];
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text), Time === undefined ? 0 : 14);
}

function accept({ bus, refuses }: BusFrontOptions, entry: Entry): Result {
  const { Source, DetailType, Detail, EventBusName, Resources, Time } = entry;
  if (!Source || !DetailType || !Detail)
    return failed('InvalidArgument', 'Source, DetailType and Detail must be given and not be empty.');
  if (Source.startsWith('aws.')) return failed('NotAuthorizedForSource', `Not authorized for the source ${Source}.`);
  if (!bus.has(EventBusName))
    return failed('ResourceNotFoundException', `Event bus ${EventBusName} is not in the template.`);
  if (refuses()) return failed('InternalFailure', 'rough weather: this entry failed');
  const detail = objectOf(Detail);
  if (!detail) return failed('MalformedDetail', 'Detail is malformed: it must be a JSON object.');
  const time = Time === undefined ? undefined : Time * 1000;
  return {
    EventId: bus.publish({
      bus: EventBusName,
      source: Source,
      detailType: DetailType,
      detail,
      resources: Resources,
      time,
    }),
  };
}

const failed = (ErrorCode: string, ErrorMessage: string): Result => ({ ErrorCode, ErrorMessage });

function objectOf(text: string): object | undefined {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
