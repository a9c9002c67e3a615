import type { Resource } from '../contract.ts';
import type { Answer, Call } from '../front.ts';
import { wildcard } from '../iam/pattern.ts';

type Rule = {
  AllowedOrigins: readonly string[];
  AllowedMethods: readonly string[];
  AllowedHeaders?: readonly string[];
  ExposedHeaders?: readonly string[];
};

const LOCAL = /^http:\/\/(127\.0\.0\.1|localhost)(:\d+)?$/;

/** The template's CORS rules of each bucket; a page of this machine counts as an allowed origin of every rule. */
export function corsOf(buckets: readonly Resource[]) {
  const rules = new Map(
    buckets.map(({ name, props }) => [
      name,
      (props['CorsConfiguration'] as { CorsRules: Rule[] } | undefined)?.CorsRules,
    ]),
  );
  const ruleFor = (bucket: string, origin: string, method: string): Rule | undefined =>
    rules
      .get(bucket)
      ?.find(
        ({ AllowedOrigins, AllowedMethods }) =>
          AllowedMethods.includes(method) &&
          (LOCAL.test(origin) || AllowedOrigins.some((allowed) => wildcard(allowed).test(origin))),
      );

  /** Headers that let the asking page read the answer. */
  const headers = (bucket: string, method: string, { origin }: Call['headers']): Record<string, string> => {
    const rule = origin ? ruleFor(bucket, origin, method) : undefined;
    if (!rule || !origin) return {};
    return {
      'access-control-allow-origin': origin,
      'access-control-allow-methods': rule.AllowedMethods.join(', '),
      'access-control-allow-headers': (rule.AllowedHeaders ?? []).join(', '),
      'access-control-expose-headers': (rule.ExposedHeaders ?? []).join(', '),
      vary: 'Origin',
    };
  };
  const preflight = (bucket: string, asked: Call['headers']): Answer => {
    const allowed = headers(bucket, asked['access-control-request-method'] ?? '', asked);
    return { status: Object.keys(allowed).length ? 200 : 403, headers: allowed, body: '' };
  };
  return { headers, preflight };
}
