import * as z from 'zod';
import type { Resource } from '../contract.ts';
import { compilePattern, type Matcher } from '../events/pattern.ts';

/** An event source mapping: a stream of a table to a function. `streamArn` is DynamoDB Local's, `sourceArn` the template's. */
export type Mapping = {
  id: string;
  streamArn: string;
  sourceArn: string;
  fn: string;
  /** Records a call at most. */
  batchSize: number;
  /** How long a batch is collected, ms. */
  windowMs: number;
  retries: number;
  bisect: boolean;
  /** ReportBatchItemFailures. */
  partial: boolean;
  /** A record passes when one of them matches; without any, all pass. */
  filters: readonly Matcher[];
  onFailure?: string | undefined;
};

const Props = z.strictObject({
  FunctionName: z.string(),
  EventSourceArn: z.string(),
  BatchSize: z.number().int().min(1).max(10_000).default(100),
  MaximumBatchingWindowInSeconds: z.number().min(0).max(300).default(0),
  MaximumRetryAttempts: z.number().int().min(-1).max(10_000).default(-1),
  // Accepted and without effect here: records never wait that long, and one shard at a time is in order anyway.
  MaximumRecordAgeInSeconds: z.number().optional(),
  ParallelizationFactor: z.literal(1).optional(),
  BisectBatchOnFunctionError: z.boolean().default(false),
  FunctionResponseTypes: z.array(z.literal('ReportBatchItemFailures')).default([]),
  FilterCriteria: z.strictObject({ Filters: z.array(z.strictObject({ Pattern: z.string() })) }).optional(),
  DestinationConfig: z.strictObject({ OnFailure: z.strictObject({ Destination: z.string() }) }).optional(),
  // The table is born with the mapping: its stream has nothing older, and LATEST could lose the first write.
  StartingPosition: z.enum(['LATEST', 'TRIM_HORIZON']),
  Enabled: z.literal(true).optional(),
  Tags: z.unknown().optional(),
});

/** Retries without end (AWS's -1: until the record is a day old) are bounded here, so that a poison record shows. */
const ENDLESS = 100;

/** Reads an `AWS::Lambda::EventSourceMapping`. @throws when it says what the local cloud does not do */
export function mappingOf({ id, props }: Resource, streamArn: string): Mapping {
  const parsed = Props.safeParse(props);
  if (!parsed.success)
    throw new Error(`Event source mapping ${id}: not possible locally: ${z.prettifyError(parsed.error)}`);
  const { data } = parsed;
  return {
    id,
    streamArn,
    sourceArn: data.EventSourceArn,
    fn: data.FunctionName,
    batchSize: data.BatchSize,
    windowMs: data.MaximumBatchingWindowInSeconds * 1000,
    retries: data.MaximumRetryAttempts === -1 ? ENDLESS : data.MaximumRetryAttempts,
    bisect: data.BisectBatchOnFunctionError,
    partial: data.FunctionResponseTypes.length > 0,
    filters: (data.FilterCriteria?.Filters ?? []).map(({ Pattern }) =>
      compilePattern(JSON.parse(Pattern), `filter of ${id}`),
    ),
    onFailure: data.DestinationConfig?.OnFailure.Destination,
  };
}
