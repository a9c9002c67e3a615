import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { log } from '#shared/log.ts';
import { problemAnswer } from './answer.ts';
import { localeOf } from './request.ts';
import type { Route } from './route.ts';
import { serve, type Doorkeeper } from './serve.ts';

/** Routes that are loaded with the first request to one of their paths. `under`: the first segments of those paths. */
export type Part = { tag: string; under: readonly string[]; routes: () => Promise<readonly Route[]> };

type Handler = (event: APIGatewayProxyEventV2, context: Context) => Promise<APIGatewayProxyStructuredResultV2>;

/** As `serve`, for a function of many domains: it starts without any of them, and a request waits for its own only. */
export function serveParts(
  parts: readonly Part[],
  prefix: string,
  doorkeeper: Doorkeeper | undefined,
  before: () => Promise<void>,
): Handler {
  const loaded = new Map<string, Promise<Handler>>();
  const load = async (segment: string): Promise<Handler> => {
    const routes = await Promise.all(parts.filter(({ under }) => under.includes(segment)).map((part) => part.routes()));
    return serve(routes.flat(), prefix, doorkeeper, before);
  };
  return async (event, context) => {
    // What nobody claims is answered as well, by a handler without routes.
    const asked = event.rawPath.slice(prefix.length + 1).split('/')[0] ?? '';
    const segment = parts.some(({ under }) => under.includes(asked)) ? asked : '';
    try {
      const handler = loaded.get(segment) ?? load(segment);
      loaded.set(segment, handler);
      return await (
        await handler
      )(event, context);
    } catch (error) {
      // Tried again by the next request: what failed once may have been a moment without files or memory.
      loaded.delete(segment);
      log().error('a part of the API cannot be loaded', { segment, error: error as Error });
      return problemAnswer(error, event, localeOf(event.headers['accept-language']) ?? 'en').result;
    }
  };
}
