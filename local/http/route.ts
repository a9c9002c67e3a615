/** A route of the template: `key` as in AWS (`GET /deals/{id}`, `ANY /api/{proxy+}`, `$default`), `fn` its function's name or ARN. */
export type Route = { key: string; fn: string; timeoutMs?: number };

export type Found = { route: Route; params: Record<string, string> };

type Compiled = { route: Route; method: string; segments: readonly string[]; rank: number };

/**
 * Finds routes as AWS HTTP APIs do: a full match before a greedy one, both before `$default`;
 * literal segments before parameters, and a method before ANY.
 */
export function routeFinder(routes: readonly Route[]): (method: string, path: string) => Found | undefined {
  const compiled = routes.map(compile).sort((a, b) => b.rank - a.rank);
  return (method, path) => {
    const parts = path.split('/').slice(1);
    for (const candidate of compiled) {
      const params = match(candidate, method, parts);
      if (params) return { route: candidate.route, params };
    }
    return undefined;
  };
}

function compile(route: Route): Compiled {
  if (route.key === '$default') return { route, method: 'ANY', segments: ['{proxy+}'], rank: -1 };
  const [method, path] = route.key.split(' ');
  if (!method || !path?.startsWith('/'))
    throw new Error(`Route key "${route.key}" is neither "METHOD /path" nor "$default"`);
  const segments = path.split('/').slice(1);
  const greedy = segments.some(isGreedy);
  // Position by position: greedy 1, parameter 2, literal 3; ten segments are enough to tell routes apart.
  const weights = Array.from({ length: 10 }, (_, at) => weight(segments[at])).reduce((sum, each) => sum * 4 + each, 0);
  return { route, method, segments, rank: (greedy ? 0 : 4 ** 11) + weights * 2 + (method === 'ANY' ? 0 : 1) };
}

const isGreedy = (segment: string): boolean => segment.endsWith('+}');

function weight(segment: string | undefined): number {
  if (segment === undefined) return 0;
  if (isGreedy(segment)) return 1;
  return segment.startsWith('{') ? 2 : 3;
}

function match(candidate: Compiled, method: string, parts: readonly string[]): Record<string, string> | undefined {
  if (candidate.rank < 0) return {};
  if (candidate.method !== 'ANY' && candidate.method !== method) return undefined;
  const params: Record<string, string> = {};
  for (const [at, segment] of candidate.segments.entries()) {
    const part = parts[at];
    if (part === undefined) return undefined;
    if (isGreedy(segment)) {
      const rest = parts.slice(at).join('/');
      return rest ? { ...params, [segment.slice(1, -2)]: decodeURIComponent(rest) } : undefined;
    }
    if (segment.startsWith('{')) {
      if (!part) return undefined;
      params[segment.slice(1, -1)] = decodeURIComponent(part);
    } else if (segment !== decodeURIComponent(part)) return undefined;
  }
  return candidate.segments.length === parts.length ? params : undefined;
}
