import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import { commit } from '#shared/command.ts';
import { refuse } from '#shared/errors.ts';
import { route } from '#shared/http/route.ts';
import { Job, startJob } from '#shared/jobs.ts';
import { stillAt } from '#shared/stale.ts';
import { listAll, need, type Read } from '#shared/table/read.ts';
import type { Write } from '#shared/table/write.ts';
import { Instant } from '#shared/time.ts';
import {
  NewWebhook,
  typeFaults,
  Webhook,
  WebhookAdded,
  WebhookChanged,
  WebhookDisabled,
  WebhookEnabled,
  WebhookMade,
  WebhookSecretChanged,
} from './webhook.ts';
import { newSecret, webhooks } from './webhook-store.ts';

const right = { read: 'webhook.read', change: 'webhook.change' } as const;

type Loading = () => Promise<unknown>;

/** @throws 400 for an address that will not be called, or types that no event has */
async function checked(wanted: z.output<typeof NewWebhook>, loadTypes: Loading): Promise<void> {
  await loadTypes();
  // Only here: the table of special addresses is on nobody else's way.
  const { networksOf, urlFault } = await import('#shared/outbound-address.ts');
  const fault = urlFault(wanted.url, networksOf(process.env['OUTBOUND_NETWORKS'] ?? ''));
  const faults = [
    ...(fault === undefined
      ? []
      : [{ pointer: '/body/url', code: 'invalid_value', detail: `It is not called: ${fault}.` }]),
    ...typeFaults(wanted),
  ];
  if (faults.length > 0) throw refuse('invalid', {}, faults);
}

const makeSecret = (): string => `whsec_${randomBytes(32).toString('base64')}`;
/** Answered by this call only: what is stored of it is encrypted, and a repeat answers what is stored. */
const withSecret = (write: Write, secret: string): Write => ({
  ...write,
  after: { ...write.after, secret },
});

async function current(read: Read, id: string, ifMatch: number): Promise<Webhook> {
  const before = await read.need(webhooks, { id });
  await stillAt(id, before.version, ifMatch);
  return before;
}

/** @throws 409 for one that is disabled: what it is told then would wait for ever */
export async function needActive(read: Pick<Read, 'need'>, id: string): Promise<Webhook> {
  const found = await read.need(webhooks, { id });
  if (found.state !== 'active')
    throw refuse('wrong_state', { what: 'The webhook', state: found.state, why: 'enable it first' });
  return found;
}

/** `loadTypes` loads every domain: types of events are known once the code that tells them is there. */
export const webhookRoutes = (loadTypes: Loading) => [
  route(
    'POST /webhooks',
    {
      summary: 'Tells an address of events, signed by Standard Webhooks; the secret is shown only here',
      rights: right.change,
      body: NewWebhook,
      returns: WebhookMade,
      status: 201,
    },
    async ({ body, user, now, newId }) => {
      await checked(body, loadTypes);
      const [id, secret] = [newId('webhook'), makeSecret()];
      return commit(async (read) => {
        const made = { id, version: 1, state: 'active' as const, createdBy: user.id, createdAt: now, secretAt: now };
        const write = webhooks.create({ ...body, ...made });
        return {
          writes: [write, await newSecret(read, id, secret, now)],
          events: [WebhookAdded.of(write, {})],
          answer: withSecret(write, secret),
          status: 201,
        };
      });
    },
  ),

  route(
    'GET /webhooks',
    {
      summary: 'All addresses that are told of events',
      rights: right.read,
      returns: z.object({ items: z.array(Webhook) }),
    },
    async () => ({ items: await listAll(webhooks, {}) }),
  ),

  route(
    'GET /webhooks/{id}',
    { summary: 'One address that is told of events', rights: right.read, returns: Webhook },
    async ({ params }) => need(webhooks, { id: params.id }),
  ),

  route(
    'PUT /webhooks/{id}',
    {
      summary: 'Changes which address is told of what; in force within 30 seconds',
      rights: right.change,
      ifMatch: true,
      body: NewWebhook,
      returns: Webhook,
    },
    async ({ params, body, ifMatch }) => {
      await checked(body, loadTypes);
      return commit(async (read) => {
        const write = webhooks.save(await current(read, params.id, ifMatch), body);
        return { writes: [write], events: [WebhookChanged.of(write, {})], answer: write };
      });
    },
  ),

  route(
    'POST /webhooks/{id}/disable',
    { summary: 'Tells it nothing any more; what waits, waits', rights: right.change, ifMatch: true, returns: Webhook },
    async ({ params, now, ifMatch }) =>
      commit(async (read) => {
        const before = await current(read, params.id, ifMatch);
        if (before.state === 'disabled') return { answer: webhooks.asIs(before) };
        const write = webhooks.save(before, { state: 'disabled', reason: 'asked', disabledAt: now });
        return {
          writes: [write],
          events: [WebhookDisabled.of(write, { why: 'asked', byItself: false })],
          answer: write,
        };
      }),
  ),

  route(
    'POST /webhooks/{id}/enable',
    {
      summary: 'Tells it again of what happens from now on; what happened meanwhile by a replay',
      rights: right.change,
      ifMatch: true,
      returns: Webhook,
    },
    async ({ params, ifMatch }) =>
      commit(async (read) => {
        const before = await current(read, params.id, ifMatch);
        if (before.state === 'active') return { answer: webhooks.asIs(before) };
        const write = webhooks.save(before, { state: 'active', reason: undefined, disabledAt: undefined });
        return { writes: [write], events: [WebhookEnabled.of(write, {})], answer: write };
      }),
  ),

  route(
    'POST /webhooks/{id}/rotate-secret',
    {
      summary: 'Makes a new secret, shown only here; for a day messages are signed with the one before too',
      rights: right.change,
      ifMatch: true,
      returns: WebhookMade,
    },
    async ({ params, now, ifMatch }) => {
      const secret = makeSecret();
      return commit(async (read) => {
        const write = webhooks.save(await current(read, params.id, ifMatch), { secretAt: now });
        return {
          writes: [write, await newSecret(read, params.id, secret, now)],
          events: [WebhookSecretChanged.of(write, {})],
          answer: withSecret(write, secret),
        };
      });
    },
  ),

  route(
    'POST /webhooks/{id}/replay',
    {
      summary: 'Tells it again of everything since a moment, also of what happened while it was disabled, as a job',
      rights: right.change,
      body: z.object({ since: Instant }),
      returns: Job,
      status: 202,
    },
    async ({ params, body, user, now, newId }) => {
      const by = { id: newId('job'), userId: user.id, now };
      return commit(async (read) => {
        await needActive(read, params.id);
        const { write, event } = startJob('replay-webhook', { webhookId: params.id, since: body.since }, by);
        return { writes: [write], events: [event], answer: write, status: 202 };
      });
    },
  ),
];
