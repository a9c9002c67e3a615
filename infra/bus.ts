import { Duration, Validations } from 'aws-cdk-lib';
import { EventBus, Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { EventSourceMapping, type IFunction, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { type IQueue, Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { SOURCE } from '#shared/aws/bus.ts';
import { acceptWildcards } from './acknowledge.ts';
import type { EntryFunction } from './lambda.ts';
import type { MainTable } from './table.ts';

/** Where events are told; nobody but `relay` and `schedule` may put any. */
export const eventBus = (scope: Construct): EventBus =>
  new EventBus(scope, 'Bus', { description: 'Everything that happened, as told by relay' });

/** What a rule, a schedule or a topic could not hand over; an alarm watches it. */
export function deadLetters(scope: Construct): Queue {
  const queue = new Queue(scope, 'DeadLetters', { enforceSSL: true, retentionPeriod: Duration.days(14) });
  Validations.of(queue).acknowledge({ id: 'AwsSolutions-SQS3', reason: 'It is itself the queue of dead letters.' });
  return queue;
}

/** The table's stream goes to `relay` and nowhere else: one reader, in order, five tries, then the batch is kept. */
export function followStream(scope: Construct, table: MainTable, relay: EntryFunction, failures: Bucket): void {
  const eventSourceArn = table.tableStreamArn ?? '';
  relay.addToRolePolicy(
    new PolicyStatement({
      actions: ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'],
      resources: [eventSourceArn],
    }),
  );
  relay.addToRolePolicy(new PolicyStatement({ actions: ['dynamodb:ListStreams'], resources: ['*'] }));
  acceptWildcards(
    relay.role,
    'ListStreams knows no resources, and Lambda asks for it; it tells names of tables only.',
    'Resource::*',
  );
  relay.mayKeep(failures);
  new EventSourceMapping(scope, 'Stream', {
    target: relay,
    eventSourceArn,
    startingPosition: StartingPosition.TRIM_HORIZON,
    batchSize: 100,
    parallelizationFactor: 1,
    retryAttempts: 5,
    bisectBatchOnError: true,
    maxRecordAge: Duration.hours(12),
    filters: [{ pattern: JSON.stringify({ dynamodb: { Keys: { pk: { S: [{ prefix: 'EVENT#' }] } } } }) }],
    supportS3OnFailureDestination: true,
    onFailure: { bind: () => ({ destination: failures.bucketArn }) },
  });
}

type Hearing = { bus: EventBus; dead: IQueue; what: string; types: readonly string[] | undefined };

/** A pattern may have 2,048 characters: this many names of events always fit. */
const NAMES = 60;

/** Calls a function for each event of the given types, or of all when none are given. */
export function hear(scope: Construct, id: string, target: IFunction, { bus, dead, what, types }: Hearing): void {
  const chunks = types === undefined ? [undefined] : inChunks([...new Set(types)].sort(), NAMES);
  for (const [place, detailType] of chunks.entries())
    new Rule(scope, place === 0 ? id : `${id}${place + 1}`, {
      eventBus: bus,
      description: what,
      eventPattern: { source: [SOURCE], ...(detailType !== undefined && { detailType }) },
      targets: [new LambdaFunction(target, { deadLetterQueue: dead })],
    });
}

function inChunks(names: readonly string[], size: number): string[][] {
  return Array.from({ length: Math.ceil(names.length / size) }, (_, at) => names.slice(at * size, (at + 1) * size));
}
