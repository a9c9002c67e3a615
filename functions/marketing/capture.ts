import type { Decide } from '#shared/command.ts';
import { hashOf } from '#shared/json.ts';
import { addTo, epochOf } from '#shared/time.ts';
import type { Read } from '#shared/table/read.ts';
import { IntakeReceived, IntakeReplayed, payloadKey, SAME_MINUTES, type Raw } from './intake.ts';
import { rawKeys, raws } from './store.ts';

export type Posted = {
  raw: Omit<Raw, 'version' | 'state' | 'attention'>;
  value: unknown;
  /** The sender's Idempotency-Key or the id of a signed message, if he gave one. */
  key: string | undefined;
  /** Why it is not taken for a person's request. */
  suspicion: string | undefined;
};

type Claim = { key: string; hash: string; since: string | undefined };
const KEY_DAYS = 30;

/**
 * Keeps a request, once: two posts are one if their key is equal, or if source and payload are equal within ten minutes.
 * The answer is the first one's record. No read on the way of a new request; a repeat reads the claims it ran into.
 * Writes: the request, a claim for the payload and one for the key if given, the event.
 */
export function capture({ raw, value, key, suspicion }: Posted): Decide {
  const hash = payloadKey(value, raw.body);
  const claims: Claim[] = [
    { key: `p:${hash}`, hash, since: addTo(raw.at, { minutes: -SAME_MINUTES }) },
    ...(key === undefined ? [] : [{ key: `k:${hashOf(key).slice(0, 40)}`, hash, since: undefined }]),
  ];
  let collided = false;
  return async (read) => {
    const first = collided ? await firstOf(read, raw.sourceId, claims) : undefined;
    collided = true;
    if (first) return repeated(read, first, raw, hash, suspicion);
    const quarantined = suspicion !== undefined;
    const write = raws.create({
      ...raw,
      version: 1,
      state: quarantined ? 'quarantined' : 'received',
      ...(quarantined && { attention: 'quarantined', reason: suspicion }),
    });
    const told = IntakeReceived.of(write, {
      sourceId: raw.sourceId,
      door: raw.door,
      state: quarantined ? 'quarantined' : 'received',
    });
    return {
      writes: [write, ...claims.map((claim) => claimWrite(claim, raw))],
      events: [told],
      answer: write,
      status: 202,
    };
  };
}

function claimWrite({ key, hash, since }: Claim, { sourceId, id, at }: Posted['raw']) {
  const ttl = Math.floor(epochOf(at) / 1000) + (since === undefined ? KEY_DAYS * 86_400 : 3600);
  const condition = since === undefined ? '' : ' OR #at < :since';
  return rawKeys.put(
    { sourceId, key, rawId: id, at, hash, ttl },
    {
      ConditionExpression: `attribute_not_exists(pk)${condition}`,
      ...(since !== undefined && {
        ExpressionAttributeNames: { '#at': 'at' },
        ExpressionAttributeValues: { ':since': since },
      }),
    },
  );
}

async function firstOf(read: Read, sourceId: string, claims: readonly Claim[]) {
  const found = await read.getMany(
    rawKeys,
    claims.map(({ key }) => ({ sourceId, key })),
  );
  return found.toReversed().find((one) => {
    const since = claims.find(({ key }) => key === one.key)?.since;
    return since === undefined || one.at >= since;
  });
}

/** The first request is the answer; the same key over another body is kept too, where a person sees it. */
async function repeated(
  read: Read,
  first: { rawId: string; hash: string },
  raw: Posted['raw'],
  hash: string,
  suspicion: string | undefined,
) {
  const kept = await read.need(raws, { id: first.rawId });
  const answer = raws.asIs(kept);
  if (first.hash === hash) {
    // The first press was too fast for a person, this one is not: it was a person after all.
    if (kept.state !== 'quarantined' || kept.sameKeyAs !== undefined || suspicion !== undefined)
      return { answer, status: 202 };
    const freed = raws.save(kept, { state: 'received', attention: undefined, reason: undefined });
    return {
      writes: [freed],
      events: [IntakeReplayed.of(freed, { sourceId: kept.sourceId })],
      answer: freed,
      status: 202,
    };
  }
  const reason = 'It came under an Idempotency-Key that was used with another body.';
  const write = raws.create({
    ...raw,
    version: 1,
    state: 'quarantined',
    attention: 'quarantined',
    reason,
    sameKeyAs: first.rawId,
  });
  return {
    writes: [write],
    events: [IntakeReceived.of(write, { sourceId: raw.sourceId, door: raw.door, state: 'quarantined' })],
    answer,
    status: 202,
  };
}
