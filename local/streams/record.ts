import type { AttributeValue, _Record as SourceRecord } from '@aws-sdk/client-dynamodb-streams';
import { REGION } from '../contract.ts';

type Json = Record<string, unknown>;
/** A record as a Lambda function gets it: images in DynamoDB's JSON, binary as base64, instants in epoch seconds. */
export type LambdaRecord = { eventID: string; eventName: string; dynamodb: Json & { SequenceNumber: string } } & Json;

/** DynamoDB Local's name for deletions by time to live. */
const TTL_REMOVAL = 'UNKNOWN_TO_SDK_VERSION';

export function lambdaRecord(record: SourceRecord, sourceArn: string): LambdaRecord {
  const { dynamodb, eventID = '', eventName = '' } = record;
  const byTtl = (eventName as string) === TTL_REMOVAL;
  return {
    eventID,
    eventName: byTtl ? 'REMOVE' : eventName,
    eventVersion: record.eventVersion ?? '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: REGION,
    eventSourceARN: sourceArn,
    ...(byTtl && { userIdentity: { type: 'Service', principalId: 'dynamodb.amazonaws.com' } }),
    dynamodb: {
      ApproximateCreationDateTime: Math.floor((dynamodb?.ApproximateCreationDateTime?.getTime() ?? 0) / 1000),
      Keys: image(dynamodb?.Keys),
      ...(dynamodb?.NewImage && { NewImage: image(dynamodb.NewImage) }),
      ...(dynamodb?.OldImage && { OldImage: image(dynamodb.OldImage) }),
      SequenceNumber: dynamodb?.SequenceNumber ?? '',
      SizeBytes: dynamodb?.SizeBytes ?? 0,
      StreamViewType: dynamodb?.StreamViewType ?? '',
    },
  };
}

function image(values: Record<string, AttributeValue> = {}): Json {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, plain(value)]));
}

function plain(value: AttributeValue): unknown {
  if (value.B) return { B: base64(value.B) };
  if (value.BS) return { BS: value.BS.map(base64) };
  if (value.M) return { M: image(value.M) };
  if (value.L) return { L: value.L.map(plain) };
  // DynamoDB Local leaves the type of an empty map out of its streams.
  if (Object.values(value).every((member) => member === undefined)) return { M: {} };
  return value;
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
