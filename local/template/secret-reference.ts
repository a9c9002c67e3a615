import type { Resource } from '../contract.ts';

const REFERENCE =
  /\{\{resolve:secretsmanager:(arn:aws:secretsmanager:[^:}]*:[^:}]*:secret:[^:}]+|[^:}]+)(?::SecretString(?::([^:}]*))?[^}]*)?\}\}/g;

/**
 * Puts secrets where the template refers to them with `{{resolve:secretsmanager:…}}`.
 * @throws Error naming the resource that holds a dynamic reference of another kind
 */
export function withSecrets(resources: readonly Resource[], secret: (id: string) => string): Resource[] {
  return resources.map((resource) => {
    const text = JSON.stringify(resource.props);
    if (!text.includes('{{resolve:')) return resource;
    const props = fill(resource.props, secret) as Resource['props'];
    const left = /\{\{resolve:[^}]*\}\}/.exec(JSON.stringify(props));
    if (left)
      throw new Error(
        `The template cannot be run: ${resource.id} (${resource.type}) uses ${left[0]}, which is unknown here.`,
      );
    return { ...resource, props };
  });
}

function fill(value: unknown, secret: (id: string) => string): unknown {
  if (typeof value === 'string')
    return value.replaceAll(REFERENCE, (_, id: string, key: string | undefined) => {
      const text = secret(id);
      return key ? String((JSON.parse(text) as Record<string, unknown>)[key]) : text;
    });
  if (Array.isArray(value)) return value.map((item) => fill(item, secret));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, fill(inner, secret)]));
}
