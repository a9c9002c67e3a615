import { refuse } from '#shared/errors.ts';
import type { Call } from '#shared/http/route.ts';
import type { Form } from './form.ts';
import { tooMany } from './store.ts';

/** What a browser on another site may do with a form; answered per form, because the gateway knows nothing of forms. */
export function cors(form: Form, origin: string | undefined): Record<string, string> {
  const allowed = form.allowedOrigins.length === 0 ? '*' : form.allowedOrigins.find((one) => one === origin);
  return {
    ...(allowed !== undefined && { 'access-control-allow-origin': allowed }),
    vary: 'origin',
    'access-control-allow-methods': 'GET, POST, OPTIONS',
    'access-control-allow-headers': 'content-type, idempotency-key',
    'access-control-max-age': '600',
  };
}

/** @throws 429 when one address posts too much to one form or hook in one minute */
export async function withinRate(sourceId: string, limit: number, { address, now }: Call): Promise<void> {
  if (await tooMany(sourceId, address, limit, now))
    throw refuse('too_many', { seconds: 60 - Number(now.slice(17, 19)) });
}
