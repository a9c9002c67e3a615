import { randomUUID } from 'node:crypto';
import { commit, run, type Context } from '#shared/command.ts';
import { log } from '#shared/log.ts';
import { claim } from '#shared/table/claim.ts';
import { listWhole } from '#shared/table/read.ts';
import { addTo, epochOf, instantOf, systemNow } from '#shared/time.ts';
import { WebhookDisabled, type Webhook } from './webhook.ts';
import { isGone, isHopeless, isTaken } from './webhook-delivery.ts';
import { sendOne, type Sent } from './webhook-send.ts';
import { deliveries, forgetWebhooks, secretsOf, webhooks, webhookWorks } from './webhook-store.ts';

/** Longer than the function may run: a turn that nobody gave back is over then. */
const LEASE_SECONDS = 150;
const AT_ONCE = 4;
/** A receiver that fails so often in a row is left alone until the next turn. */
const PATIENCE = 3;
/** A first failure is often over in a moment: the turn waits for the next try if it is so near. */
const NEAR_MS = 7000;
/** Time that must be left before the deadline to begin another call. */
const CALL_MS = 13_000;

type Turn = { lease: string; failingSince: string | undefined; inARow: number; over: boolean; fault?: unknown };

/**
 * Sends what is due for a webhook, those just made (`first`) and those in its queue. One sender at a time for each webhook, so
 * that a slow receiver holds one function and not all of them; whoever finds it taken leaves his to the one who sends.
 */
export async function takeTurn(
  webhook: Webhook,
  first: readonly string[],
  context: Omit<Context, 'now'>,
): Promise<void> {
  const turn = await begin(webhook.id);
  if (!turn) return;
  try {
    await sendAll(webhook, first, turn, context);
  } finally {
    await end(webhook.id, turn);
  }
  if (turn.fault !== undefined) throw turn.fault;
}

async function begin(webhookId: string): Promise<Turn | undefined> {
  const now = instantOf(systemNow());
  const lease = randomUUID();
  const item = await claim({
    key: webhookWorks.key({ webhookId }),
    token: 'lease',
    set: { type: 'webhookWork', webhookId, lease, leaseUntil: addTo(now, { seconds: LEASE_SECONDS }) },
    condition: 'attribute_not_exists(#leaseUntil) OR #leaseUntil <= :now',
    names: {},
    values: { ':now': now },
  });
  if (!item) return undefined;
  const { failingSince } = webhookWorks.decode(item);
  return { lease, failingSince: failingSince ?? undefined, inARow: 0, over: false };
}

async function end(webhookId: string, { lease, failingSince }: Turn): Promise<void> {
  await claim({
    key: webhookWorks.key({ webhookId }),
    token: 'lease',
    set: { lease: `ended-${lease}`, leaseUntil: instantOf(systemNow()), failingSince: failingSince ?? null },
    condition: '#lease = :mine',
    names: {},
    values: { ':mine': lease },
  });
}

async function sendAll(webhook: Webhook, first: readonly string[], turn: Turn, context: Omit<Context, 'now'>) {
  const secrets = await secretsOf(webhook.id, instantOf(systemNow()));
  const sending = { webhook, secrets, context };
  const times = new Map<string, number>();
  let ids: readonly string[] = first;
  while (!turn.over) {
    for (let at = 0; at < ids.length && !turn.over && systemNow() + CALL_MS < context.deadline; at += AT_ONCE) {
      const some = ids.slice(at, at + AT_ONCE);
      for (const id of some) times.set(id, (times.get(id) ?? 0) + 1);
      const results = await Promise.allSettled(some.map((id) => sendOne(id, sending)));
      for (const result of results) {
        if (result.status === 'fulfilled') await judge(webhook, turn, result.value, context);
        // One that cannot be sent must not keep those behind it; the call fails when all had their turn.
        else turn.fault ??= result.reason;
      }
    }
    ids = turn.over ? [] : await due(webhook.id, times, context.deadline);
    if (ids.length === 0) return;
  }
}

/** What is due in the queue, also in a moment; what was tried twice in this turn waits for another. */
async function due(webhookId: string, times: ReadonlyMap<string, number>, deadline: number): Promise<string[]> {
  const { items } = await listWhole(deliveries, 'gsi3', { webhookId }, { limit: 50 });
  const now = systemNow();
  const near = items.filter(
    ({ id, state, dueAt }) =>
      state === 'waiting' && dueAt !== undefined && epochOf(dueAt) <= now + NEAR_MS && (times.get(id) ?? 0) < 2,
  );
  const ready = near.filter(({ dueAt = '' }) => epochOf(dueAt) <= now);
  if (ready.length > 0 || near.length === 0) return now + CALL_MS < deadline ? ready.map(({ id }) => id) : [];
  const wait = Math.min(...near.map(({ dueAt = '' }) => epochOf(dueAt))) - now;
  if (now + wait + CALL_MS >= deadline) return [];
  await new Promise((resolve) => setTimeout(resolve, wait));
  return near.map(({ id }) => id);
}

/** What an answer says of the receiver as a whole. */
async function judge(webhook: Webhook, turn: Turn, sent: Sent, context: Omit<Context, 'now'>): Promise<void> {
  if (!sent) return;
  const { one } = sent;
  if (isTaken(one)) {
    Object.assign(turn, { failingSince: undefined, inARow: 0 });
    return;
  }
  turn.failingSince ??= one.at;
  turn.inARow += 1;
  const why = isGone(one) ? 'gone' : isHopeless(turn.failingSince, one.at) ? 'silent' : undefined;
  turn.over = why !== undefined || turn.inARow >= PATIENCE;
  if (why === undefined) return;
  log().warn('a webhook is disabled', { webhook: webhook.id, why });
  await disable(webhook.id, why, { ...context, now: one.at });
}

async function disable(id: string, why: 'gone' | 'silent', context: Context): Promise<void> {
  await run(
    commit(async (read) => {
      const before = await read.need(webhooks, { id });
      if (before.state === 'disabled') return undefined;
      const write = webhooks.save(before, { state: 'disabled', reason: why, disabledAt: context.now });
      return { writes: [write], events: [WebhookDisabled.of(write, { why, byItself: true })] };
    }),
    context,
  );
  forgetWebhooks();
}
