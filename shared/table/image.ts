import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { Item } from './read.ts';

/** An item as a stream record carries it (DynamoDB's typed JSON) → as it lies in the table. */
export const itemOf = (image: Readonly<Record<string, unknown>>): Item =>
  unmarshall(image as Record<string, AttributeValue>);
