import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Needs } from '#shared/needs.ts';
import { type EntityName, type IndexName, keys, type KeyDesign, leadingKey } from '#shared/table/keys.ts';
import { INDEXES, type MainTable } from './table.ts';

const READ = ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query', 'dynamodb:ConditionCheckItem'];

/** Written once and never changed, or moved on by Put alone. */
const PUT_ONLY: ReadonlySet<EntityName> = new Set<EntityName>(['event', 'feed', 'feedHead', 'marker', 'idem']);

/**
 * What a function may do with the table, from its needs. A transaction has no permission of its own: each item in it is
 * allowed as its Put, Update or condition check, by the beginning of its partition key. Nobody deletes but the
 * few kinds named as `removes`.
 */
export function tableStatements(
  { reads, writes, removes = [], scans, queues = [] }: Needs,
  table: MainTable,
): PolicyStatement[] {
  const resources = [table.tableArn];
  const read =
    reads === 'everything'
      ? [
          new PolicyStatement({
            actions: READ,
            resources: [...resources, ...INDEXES.map((name) => indexArn(table, name))],
          }),
        ]
      : reads.length > 0
        ? [new PolicyStatement({ actions: READ, resources, conditions: only(prefixes(reads)) })]
        : [];
  const updated = writes.filter((name) => !PUT_ONLY.has(name));
  return [
    ...read,
    ...statement(['dynamodb:PutItem', 'dynamodb:ConditionCheckItem'], resources, prefixes(writes)),
    ...statement(['dynamodb:UpdateItem'], resources, prefixes(updated)),
    ...statement(['dynamodb:DeleteItem'], resources, prefixes(removes)),
    ...queues.map((name) => queueStatement(table, name)),
    ...(scans ? [new PolicyStatement({ actions: ['dynamodb:Scan'], resources })] : []),
    historyStands(table),
  ];
}

/** For the queue a function works off: its entries, by key. */
const queueStatement = (table: MainTable, name: EntityName): PolicyStatement => {
  const pk = (keys[name] as KeyDesign).gsi3?.[0];
  if (pk === undefined) throw new TypeError(`${name} has no queue in gsi3.`);
  return new PolicyStatement({
    actions: ['dynamodb:Query'],
    resources: [indexArn(table, 'gsi3')],
    conditions: only([`${pk.split('{')[0]}*`]),
  });
};

/** History is added to, never changed: whatever else is ever granted, this stands. */
const historyStands = (table: MainTable): PolicyStatement =>
  new PolicyStatement({
    sid: 'HistoryStands',
    effect: Effect.DENY,
    actions: ['UpdateItem', 'DeleteItem', 'BatchWriteItem', 'PartiQLUpdate', 'PartiQLDelete'].map(
      (action) => `dynamodb:${action}`,
    ),
    resources: [table.tableArn],
    conditions: { 'ForAnyValue:StringLike': { 'dynamodb:LeadingKeys': prefixes(['event', 'feed']) } },
  });

function statement(actions: string[], resources: string[], values: string[]): PolicyStatement[] {
  return values.length > 0 ? [new PolicyStatement({ actions, resources, conditions: only(values) })] : [];
}

const only = (values: string[]) => ({ 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': values } });
const prefixes = (names: readonly EntityName[]): string[] => [...new Set(names.map(leadingKey))].sort();
const indexArn = (table: MainTable, index: IndexName): string => `${table.tableArn}/index/${index}`;
