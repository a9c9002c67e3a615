import type { Resource } from '../contract.ts';
import { type Declared, readStack, type Stack } from './document.ts';
import { type Addresses, arnOf, attributeOf, nameProperty, physicalName, type Props, refOf } from './naming.ts';
import { Resolver } from './resolve.ts';

/** A synthesized app as the cloud runs it. */
export type Assembly = {
  stack: string;
  resources: readonly Resource[];
  /** Folder or file of an asset by its object key. @throws Error when the assembly has none */
  asset(key: string): string;
};

/**
 * What AWS does at deploy time, or what only people look at: passed through as declared. Whatever else the template
 * holds is resolved whole, and refused by name when that is not possible.
 */
const PASSED =
  /^(AWS::(CloudFront|CloudWatch|Logs|CDK|Route53|CertificateManager|WAFv2|Budgets)::|Custom::|AWS::CloudFormation::)/;

/** Reads `cdk.out` and resolves its template. @throws Error naming resource and property of what cannot be resolved */
export function readAssembly(dir: string, known: Addresses): Assembly {
  const stack = readStack(dir);
  return {
    stack: stack.name,
    resources: resolveStack(stack, known),
    asset: (key) => {
      const path = stack.assets.get(key);
      if (path === undefined) throw new Error(`${dir} has no asset ${key}: delete the folder .build and start again.`);
      return path;
    },
  };
}

/** The resources of a stack whose conditions hold, with names, ARNs and resolved properties. */
export function resolveStack(stack: Stack, known: Addresses): Resource[] {
  const { Resources: declared } = stack.document;
  const names = new Map<string, string>();
  const naming = new Set<string>();
  const resolver: Resolver = new Resolver(stack, {
    ref: (id) => withFacts(id, ({ Type }, name, props) => refOf(Type, name, props)),
    attribute: (id, attribute) =>
      withFacts(id, ({ Type }, name, props) => attributeOf(Type, name, attribute, props, known)),
  });
  const present = (id: string): Declared | undefined => {
    const resource = Object.hasOwn(declared, id) ? declared[id] : undefined;
    return resource?.Condition === undefined || resolver.holds(resource.Condition, `${id}.Condition`)
      ? resource
      : undefined;
  };
  /** Names come first: they may be made of other resources' names, but never of their own. */
  const nameOf = (id: string, { Type, Properties = {} }: Declared): string => {
    const ready = names.get(id);
    if (ready !== undefined) return ready;
    if (naming.has(id)) throw new Error(`The template cannot be run: the name of ${id} refers to itself.`);
    naming.add(id);
    const property = nameProperty(Type);
    const given = property && resolver.value(Properties[property], `${id} (${Type}), property ${property}`);
    const name = physicalName(Type, stack.name, id, typeof given === 'string' ? given : undefined, known);
    names.set(id, name);
    return name;
  };
  const withFacts = <T>(id: string, make: (resource: Declared, name: string, props: Props) => T): T | undefined => {
    const resource = present(id);
    if (!resource) return undefined;
    // The ARN of a rule or schedule holds the name of its bus or group.
    const { EventBusName, GroupName } = resource.Properties ?? {};
    const props = resolver.value({ EventBusName, GroupName }, `${id} (${resource.Type})`) as Props;
    return make(resource, nameOf(id, resource), props);
  };
  return Object.keys(declared).flatMap((id) => {
    const resource = present(id);
    if (!resource) return [];
    const { Type: type } = resource;
    const name = nameOf(id, resource);
    const props = propsOf(resolver, id, resource);
    return [{ id, type, name, arn: arnOf(type, name, props), props }];
  });
}

function propsOf(resolver: Resolver, id: string, { Type, Properties = {} }: Declared): Props {
  const entries = Object.entries(Properties).map(([property, value]) => {
    const where = `${id} (${Type}), property ${property}`;
    return [property, PASSED.test(Type) ? orAsDeclared(resolver, value, where) : resolver.value(value, where)] as const;
  });
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

/** Resolves what can be, part by part. */
function orAsDeclared(resolver: Resolver, value: unknown, where: string): unknown {
  try {
    return resolver.value(value, where);
  } catch {
    if (Array.isArray(value)) return value.map((item) => orAsDeclared(resolver, item, where));
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, orAsDeclared(resolver, part, where)]));
  }
}
