import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { inLanguage } from '#functions/settings/setting.ts';
import { needInForce } from '#functions/settings/store.ts';
import { derivedKey, openText } from '#shared/aws/secret.ts';
import { readBody } from '#shared/body.ts';
import { commit } from '#shared/command.ts';
import { refuse } from '#shared/errors.ts';
import { publicRoute, Reply, type Call } from '#shared/http/route.ts';
import { get } from '#shared/table/read.ts';
import { epochOf } from '#shared/time.ts';
import { verifyWebhook } from '#shared/webhook.ts';
import { capture, type Posted } from './capture.ts';
import { cors, withinRate } from './door.ts';
import { formKind, sourceKind, type Form } from './form.ts';
import { formTexts } from './form-text.ts';
import { secondsSince, startMark } from './start-time.ts';
import { snippet, thanksPage } from './snippet.ts';
import { secrets } from './store.ts';
import { visitPublic } from './visit-public.ts';

const Accepted = z.object({ id: z.string() });
const ANY_BODY = ['application/json', 'application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain'];
const Language = z.object({ lang: z.enum(['ru', 'en']).optional() });

/** Bytes that are not UTF-8 text are kept as base64. */
function asText(body: Buffer): Pick<Posted['raw'], 'body' | 'encoding'> {
  const text = body.toString('utf8');
  return Buffer.from(text, 'utf8').equals(body)
    ? { body: text, encoding: 'utf8' }
    : { body: body.toString('base64'), encoding: 'base64' };
}

function rawOf(call: Call, door: 'form' | 'hook', sourceId: string): Posted['raw'] {
  return {
    id: call.newId('raw'),
    storyId: call.newId('story'),
    sourceId,
    door,
    at: call.now,
    contentType: (call.header('content-type') ?? '').slice(0, 200),
    ...asText(call.rawBody),
    address: call.address,
    origin: call.header('origin')?.slice(0, 300),
    userAgent: call.header('user-agent')?.slice(0, 300),
    requestId: call.requestId,
  };
}

function suspicionOf(form: Form, formId: string, value: unknown, call: Call): string | undefined {
  const fields = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  const bait = fields[form.honeypot];
  if (typeof bait === 'string' && bait !== '') return `The hidden field ${form.honeypot} is filled in.`;
  const seconds = secondsSince(derivedKey('form-start'), formId, fields['_start'], epochOf(call.now));
  if (seconds !== undefined && seconds < form.minSeconds) return `Filled in within ${seconds.toFixed(1)} s.`;
  const origin = call.header('origin');
  if (origin !== undefined && form.allowedOrigins.length > 0 && !form.allowedOrigins.includes(origin))
    return `Posted from ${origin}, which this form does not allow.`;
  return undefined;
}

const idempotencyKey = (call: Call): string | undefined => call.header('idempotency-key')?.slice(0, 255) || undefined;

/** A script that lies beside this function's own code. */
const scriptRoute = (at: `GET /${string}.js`, summary: string) =>
  publicRoute(at, { summary, returns: z.string(), produces: 'text/javascript' }, async () => {
    const name = at.slice('GET /'.length);
    const script = await readFile(new URL(`./${name}`, import.meta.url), 'utf8').catch(() => undefined);
    if (script === undefined) throw refuse('not_found', { what: 'script', id: name });
    return new Reply(200, script, {
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=300',
      'access-control-allow-origin': '*',
    });
  });

export const marketingPublic = [
  ...visitPublic,

  publicRoute(
    'OPTIONS /forms/{formId}',
    { summary: 'What other sites may do with a form (CORS)', returns: z.undefined(), status: 204 },
    async ({ params, header }) => {
      const { body: form } = await needInForce(formKind, params.formId);
      return new Reply(204, '', cors(form, header('origin')));
    },
  ),

  publicRoute(
    'GET /forms/{formId}',
    { summary: 'A form as it is to be shown', query: Language, returns: z.looseObject({ title: z.string() }) },
    async ({ params, query, header, now }) => {
      const { body: form } = await needInForce(formKind, params.formId);
      const lang = query.lang ?? form.locale;
      const say = (text: Form['title']) => inLanguage(text, lang);
      const shown = {
        lang,
        title: say(form.title),
        submit: say(form.submit),
        thanks: say(form.thanks),
        fields: form.fields.map((field) => ({
          ...field,
          type: field.type === 'consent' ? 'checkbox' : field.type,
          label: say(field.label),
          options: field.options?.map((one) => ({ value: one.value, label: say(one.label) })),
        })),
        honeypot: form.honeypot,
        start: startMark(derivedKey('form-start'), params.formId, epochOf(now)),
        text: formTexts[lang],
      };
      return new Reply(200, JSON.stringify(shown), {
        'content-type': 'application/json; charset=utf-8',
        ...cors(form, header('origin')),
      });
    },
  ),

  publicRoute(
    'GET /forms/{formId}/snippet',
    { summary: 'HTML to paste into a site', query: Language, returns: z.string(), produces: 'text/plain' },
    async ({ params, query }) => {
      const { body: form } = await needInForce(formKind, params.formId);
      return new Reply(200, snippet(params.formId, form, query.lang ?? form.locale, process.env['BASE_URL'] ?? ''), {
        'content-type': 'text/plain; charset=utf-8',
      });
    },
  ),

  scriptRoute('GET /form.js', 'The embeddable form'),
  scriptRoute('GET /visit.js', 'What tells where visitors come from, for forms that allow it'),

  publicRoute(
    'POST /forms/{formId}',
    {
      summary: 'Takes a request; it is kept before anything is done with it',
      consumes: ANY_BODY,
      returns: Accepted,
      status: 202,
    },
    async (call) => {
      const { formId } = call.params;
      const { body: form } = await needInForce(formKind, formId);
      await withinRate(formId, form.limitPerMinute, call);
      const contentType = call.header('content-type');
      const read = await readBody(new Uint8Array(call.rawBody), contentType);
      const value = 'value' in read ? read.value : undefined;
      const posted: Posted = {
        raw: rawOf(call, 'form', formId),
        value,
        key: idempotencyKey(call),
        suspicion: suspicionOf(form, formId, value, call),
      };
      const { record, eventId } = await call.perform(commit(capture(posted)));
      const headers = { ...cors(form, call.header('origin')), ...(eventId !== undefined && { 'x-event-id': eventId }) };
      const byBrowser =
        contentType !== undefined &&
        !contentType.includes('json') &&
        (call.header('accept') ?? '').includes('text/html');
      if (byBrowser)
        return new Reply(202, thanksPage(inLanguage(form.thanks, form.locale), form.locale), {
          'content-type': 'text/html; charset=utf-8',
          ...headers,
        });
      return new Reply(202, JSON.stringify({ id: record?.['id'] }), {
        'content-type': 'application/json; charset=utf-8',
        ...headers,
      });
    },
  ),

  publicRoute(
    'POST /hooks/{sourceId}',
    {
      summary: 'Takes a signed message (Standard Webhooks)',
      consumes: ['application/json'],
      returns: Accepted,
      status: 202,
    },
    async (call) => {
      const { sourceId } = call.params;
      const { body: source } = await needInForce(sourceKind, sourceId);
      const keys = (await get(secrets, { sourceId }))?.sealed.map((sealed) => openText(sealed, 'source-secret')) ?? [];
      const headers = Object.fromEntries(
        ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => [name, call.header(name)]),
      );
      const verified = verifyWebhook(keys, { headers, body: call.rawBody, now: epochOf(call.now) });
      if (!verified.ok) throw refuse('signature_invalid', { why: verified.message });
      await withinRate(sourceId, source.limitPerMinute, call);
      const read = await readBody(new Uint8Array(call.rawBody), call.header('content-type') ?? 'application/json');
      const { record } = await call.perform(
        commit(
          capture({
            raw: rawOf(call, 'hook', sourceId),
            value: 'value' in read ? read.value : undefined,
            key: verified.id,
            suspicion: undefined,
          }),
        ),
      );
      return { id: String(record?.['id']) };
    },
  ),
];
