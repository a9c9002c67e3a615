import { ACCOUNT, REGION } from '../contract.ts';
import type { Document, Stack } from './document.ts';
import { stackId } from './naming.ts';

/** Marks a property that `AWS::NoValue` takes away. */
const NOTHING = Symbol('AWS::NoValue');

/** Finds what the intrinsic functions of a template ask about its resources; undefined when there is no such thing. */
export type Lookup = {
  ref(id: string): string | undefined;
  attribute(id: string, attribute: string): string | undefined;
};

/** Resolves the intrinsic functions of one template. Each `where` names resource and property in errors. */
export class Resolver {
  readonly #document: Document;
  readonly #pseudo: Readonly<Record<string, unknown>>;
  readonly #lookup: Lookup;

  constructor({ name, document }: Stack, lookup: Lookup) {
    this.#document = document;
    this.#lookup = lookup;
    this.#pseudo = {
      'AWS::Partition': 'aws',
      'AWS::Region': REGION,
      'AWS::AccountId': ACCOUNT,
      'AWS::URLSuffix': 'amazonaws.com',
      'AWS::StackName': name,
      'AWS::StackId': stackId(name),
      'AWS::NotificationARNs': [],
      'AWS::NoValue': NOTHING,
    };
  }

  /** The value with everything resolved. @throws Error naming the place of what cannot be */
  value(value: unknown, where: string): unknown {
    const resolved = this.#resolve(value, where);
    return resolved === NOTHING ? undefined : resolved;
  }

  /** Whether a condition of the template holds. */
  holds(name: string, where: string): boolean {
    const condition = this.#document.Conditions?.[name];
    if (condition === undefined) throw refusal(where, `there is no condition ${name}`);
    return this.#resolve(condition, `condition ${name}`) === true;
  }

  #resolve(value: unknown, where: string): unknown {
    if (Array.isArray(value))
      return value.map((item, at) => this.#resolve(item, `${where}[${at}]`)).filter((item) => item !== NOTHING);
    if (value === null || typeof value !== 'object') return value;
    const entries = Object.entries(value);
    const [key, argument] = entries[0] ?? [];
    if (
      entries.length === 1 &&
      key !== undefined &&
      (key === 'Ref' || key.startsWith('Fn::') || isCondition(key, argument))
    )
      return this.#call(key, argument, where);
    return Object.fromEntries(
      entries
        .map(([name, inner]) => [name, this.#resolve(inner, `${where}.${name}`)] as const)
        .filter(([, inner]) => inner !== NOTHING),
    );
  }

  #call(name: string, argument: unknown, where: string): unknown {
    switch (name) {
      case 'Ref':
        return this.#ref(String(argument), where);
      case 'Fn::GetAtt': {
        const [id = '', ...path] = Array.isArray(argument) ? argument.map(String) : String(argument).split('.');
        return this.#attribute(id, path.join('.'), where);
      }
      case 'Fn::Sub':
        return this.#sub(argument, where);
      case 'Fn::If': {
        const [condition, then, otherwise] = this.#list(argument, name, where);
        return this.#resolve(this.holds(String(condition), where) ? then : otherwise, where);
      }
      case 'Condition':
        return this.holds(String(argument), where);
      default:
        return this.#plain(name, this.#resolve(argument, where), where);
    }
  }

  /** Functions of values that are resolved already. */
  #plain(name: string, argument: unknown, where: string): unknown {
    if (name === 'Fn::Base64') return Buffer.from(this.#text(argument, name, where)).toString('base64');
    const list = this.#list(argument, name, where);
    const [first, second, third] = list;
    switch (name) {
      case 'Fn::Join':
        return this.#list(second, name, where)
          .map((part) => this.#text(part, name, where))
          .join(String(first));
      case 'Fn::Select':
        return (
          this.#list(second, name, where)[Number(first)] ?? raise(where, `Fn::Select finds no item ${String(first)}`)
        );
      case 'Fn::Split':
        return this.#text(second, name, where).split(String(first));
      case 'Fn::Equals':
        return JSON.stringify(first) === JSON.stringify(second);
      case 'Fn::Not':
        return first !== true;
      case 'Fn::And':
        return list.every((item) => item === true);
      case 'Fn::Or':
        return list.includes(true);
      case 'Fn::FindInMap':
        return (
          this.#document.Mappings?.[String(first)]?.[String(second)]?.[String(third)] ??
          raise(where, `the mapping has no ${list.map(String).join('.')}`)
        );
      default:
        throw refusal(where, `the local cloud does not know ${name}`);
    }
  }

  #sub(argument: unknown, where: string): string {
    const [text, own] = Array.isArray(argument) ? argument : [argument, {}];
    const values = (this.#resolve(own ?? {}, where) ?? {}) as Record<string, unknown>;
    return this.#text(text, 'Fn::Sub', where).replaceAll(/\$\{([^}]+)\}/g, (_, name: string) => {
      if (name.startsWith('!')) return `\${${name.slice(1)}}`;
      if (Object.hasOwn(values, name)) return String(values[name]);
      const dot = name.indexOf('.');
      return dot < 0
        ? this.#text(this.#ref(name, where), 'Fn::Sub', where)
        : this.#attribute(name.slice(0, dot), name.slice(dot + 1), where);
    });
  }

  #ref(name: string, where: string): unknown {
    if (Object.hasOwn(this.#pseudo, name)) return this.#pseudo[name];
    const parameter = this.#document.Parameters?.[name];
    if (parameter) return parameter.Default ?? raise(where, `parameter ${name} has no default`);
    return this.#lookup.ref(name) ?? raise(where, `there is no resource ${name} to refer to`);
  }

  #attribute(id: string, attribute: string, where: string): string {
    return (
      this.#lookup.attribute(id, attribute) ??
      raise(where, `the local cloud does not know attribute ${attribute} of ${id}`)
    );
  }

  #list(value: unknown, name: string, where: string): readonly unknown[] {
    return Array.isArray(value) ? value : raise(where, `${name} needs a list`);
  }

  #text(value: unknown, name: string, where: string): string {
    return typeof value === 'string' || typeof value === 'number' ? String(value) : raise(where, `${name} needs text`);
  }
}

/** `{ Condition: "Name" }` stands for a condition; IAM's `Condition` is an object. */
const isCondition = (key: string, argument: unknown): boolean => key === 'Condition' && typeof argument === 'string';

const refusal = (where: string, why: string): Error => new Error(`The template cannot be run: ${where}: ${why}.`);
const raise = (where: string, why: string): never => {
  throw refusal(where, why);
};
