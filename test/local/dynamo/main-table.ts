import type { Resource } from '#local/contract.ts';

const key = (hash: string, range: string) => [
  { AttributeName: hash, KeyType: 'HASH' },
  { AttributeName: range, KeyType: 'RANGE' },
];

/** The table of the template in small: one sparse index, a stream, expiry. */
export const mainTable: Resource = {
  id: 'Table',
  type: 'AWS::DynamoDB::GlobalTable',
  name: 'main',
  arn: 'arn:aws:dynamodb:us-east-1:000000000000:table/main',
  props: {
    KeySchema: key('pk', 'sk'),
    AttributeDefinitions: ['pk', 'sk', 'gsi1pk', 'gsi1sk'].map((AttributeName) => ({
      AttributeName,
      AttributeType: 'S',
    })),
    BillingMode: 'PAY_PER_REQUEST',
    GlobalSecondaryIndexes: [
      {
        IndexName: 'gsi1',
        KeySchema: key('gsi1pk', 'gsi1sk'),
        Projection: { ProjectionType: 'KEYS_ONLY' },
        WriteProvisionedThroughputSettings: {},
      },
    ],
    Replicas: [{ Region: 'us-east-1' }],
    StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
    TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
  },
};
