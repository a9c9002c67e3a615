import { RemovalPolicy } from 'aws-cdk-lib';
import {
  AttributeType,
  Billing,
  type GlobalSecondaryIndexPropsV2,
  ProjectionType,
  StreamViewType,
  TableV2,
} from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import { type IndexName, PROJECTED } from '#shared/table/keys.ts';
import type { Context } from './context.ts';

export const INDEXES: readonly IndexName[] = ['gsi1', 'gsi2', 'gsi3'];

/** The table, made here or restored from a backup. */
export type MainTable = { tableName: string; tableArn: string; tableStreamArn?: string | undefined };

/** The one table. A table restored from a backup takes its place by name: it is then kept up by hand. */
export function mainTable(scope: Construct, { tableName, tableStreamArn }: Context): MainTable {
  if (tableName !== undefined && tableStreamArn !== undefined)
    return TableV2.fromTableAttributes(scope, 'RestoredTable', { tableName, tableStreamArn });
  return new TableV2(scope, 'Table', {
    partitionKey: { name: 'pk', type: AttributeType.STRING },
    sortKey: { name: 'sk', type: AttributeType.STRING },
    globalSecondaryIndexes: [
      index('gsi1', { projectionType: ProjectionType.ALL }),
      index('gsi2', { projectionType: ProjectionType.INCLUDE, nonKeyAttributes: PROJECTED }),
      index('gsi3', { projectionType: ProjectionType.KEYS_ONLY }),
    ],
    billing: Billing.onDemand(),
    timeToLiveAttribute: 'ttl',
    // Only new events are told of: old images would carry personal data for nothing.
    dynamoStream: StreamViewType.NEW_IMAGE,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    deletionProtection: true,
    removalPolicy: RemovalPolicy.RETAIN,
  });
}

const index = (
  indexName: IndexName,
  projection: Pick<GlobalSecondaryIndexPropsV2, 'projectionType' | 'nonKeyAttributes'>,
): GlobalSecondaryIndexPropsV2 => ({
  indexName,
  partitionKey: { name: `${indexName}pk`, type: AttributeType.STRING },
  sortKey: { name: `${indexName}sk`, type: AttributeType.STRING },
  ...projection,
});
