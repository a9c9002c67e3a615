import { publishedType, replacing } from './published.ts';
import type { Declared } from './synth.ts';

/** What must not be made anew: what holds data, and what people outside know by its address. */
export type Kept = Record<string, { type: string; replacing: Record<string, unknown> }>;

/** Nothing in a log is the only copy of anything. */
const NOT_KEPT = new Set(['AWS::Logs::LogGroup']);
const KNOWN_OUTSIDE = new Set([
  'AWS::CloudFront::Distribution',
  'AWS::Cognito::UserPoolClient',
  'AWS::Cognito::UserPoolDomain',
  'AWS::SES::EmailIdentity',
]);

/** The resources to keep among those of a template, each with the properties whose change would replace it. */
export function keptOf(resources: Readonly<Record<string, Declared>>): Kept {
  const kept = Object.entries(resources).filter(
    ([, { Type }]) => (publishedType(Type)?.isStateful === true && !NOT_KEPT.has(Type)) || KNOWN_OUTSIDE.has(Type),
  );
  return Object.fromEntries(
    kept
      .map(([id, { Type: type, Properties }]) => [id, { type, replacing: replacing(type, Properties) }] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** What an update from the released template would lose, in words; nothing when it is safe. */
export function losses(released: Kept, now: Kept): string[] {
  return Object.entries(released).flatMap(([id, was]) => {
    const is = now[id];
    if (is === undefined || is.type !== was.type)
      return [`${id} (${was.type}) is gone: its name changed, or it was taken out`];
    const names = new Set([...Object.keys(was.replacing), ...Object.keys(is.replacing)]);
    const changed = [...names].filter(
      (name) => JSON.stringify(was.replacing[name]) !== JSON.stringify(is.replacing[name]),
    );
    return changed.map((name) => `${id} (${was.type}) would be replaced by an empty one: ${name} changed`);
  });
}
