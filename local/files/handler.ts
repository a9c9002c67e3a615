import type { DatabaseSync } from 'node:sqlite';
import type { Authorize, Clock, Resource } from '../contract.ts';
import type { Answer, Call } from '../front.ts';
import type { Upstream } from '../upstream.ts';
import { changeLog, changesOf, eventOf, type Change } from './change.ts';
import { checkExpiry, checkPreconditions, hideAbsence, overrides } from './check.ts';
import { corsOf } from './cors.ts';
import { uploadForm } from './form.ts';
import { fileAccesses, fileRequest, type FileRequest } from './request.ts';
import { sendPut } from './upload.ts';

export type HandlerOptions = {
  db: DatabaseSync;
  clock: Clock;
  authorize: Authorize;
  /** Takes an "Object Created" or "Object Deleted" event for the default bus, durably. */
  publish(event: Record<string, unknown>): void | Promise<void>;
};

/** Serves S3's requests over the store; `recover` tells of changes that a kill left untold. */
export function filesHandler(options: HandlerOptions, buckets: readonly Resource[], store: Upstream) {
  const { clock, authorize } = options;
  const cors = corsOf(buckets);
  const change = changing(options, buckets, store);
  const handle = async (call: Call): Promise<Answer> => {
    const named = fileRequest(call);
    if (call.method === 'OPTIONS') return cors.preflight(named.bucket, call.headers);
    checkExpiry(named.query, clock.now());
    const { sent, request } =
      named.action === 'PostObject' ? await byForm(call, named, clock) : { sent: call, request: named };
    for (const access of fileAccesses(request, sent.headers)) authorize(sent.caller, access);
    const answer = await change.serve(sent, request);
    if (answer.status === 404) hideAbsence(authorize, sent.caller, request);
    const added = { ...overrides(request.query), ...cors.headers(request.bucket, call.method, call.headers) };
    return { ...answer, headers: { ...answer.headers, ...added } };
  };
  return { handle, recover: change.recover, pending: change.pending };
}

/** A form's file goes to the store as any other, so that it may be of any size. */
async function byForm(call: Call, request: FileRequest, clock: Clock) {
  const { bucket } = request;
  const form = await uploadForm(call.body, call.headers['content-type'] ?? '', bucket, clock.now());
  const sent: Call = {
    ...call,
    method: 'PUT',
    path: `/${bucket}/${encodeURIComponent(form.key)}`,
    caller: form.caller.split('.')[0] ?? '',
    headers: { 'content-type': form.type },
    body: form.body,
  };
  return { sent, request: { ...request, keys: [form.key] } };
}

/** Writes to one key go one after another, with their preconditions; each is told of once it is stored. */
function changing({ db, clock, publish }: HandlerOptions, buckets: readonly Resource[], store: Upstream) {
  const changes = changeLog(db);
  const told = new Set(buckets.filter(sendsEvents).map(({ name }) => name));
  const turns = turnTaking();

  const head = (bucket: string, key: string): Promise<Answer> =>
    store.send({ method: 'HEAD', path: `/${bucket}/${encodeURIComponent(key)}`, headers: {} });

  const tell = async (change: Change): Promise<void> => {
    const { status, headers } = await head(change.bucket, change.key);
    const size = Number(headers?.['content-length']);
    const etag = headers?.['etag']?.replaceAll('"', '') ?? '';
    const there = status === 200;
    if (there === (change.type === 'Object Created'))
      await publish(eventOf(change, clock, there ? { size, etag } : {}));
    changes.end(change);
  };

  const run = async (call: Call, request: FileRequest): Promise<Answer> => {
    await checkPreconditions(call, request, head);
    const begun = told.has(request.bucket) ? changesOf(request).map((change) => changes.begin(change)) : [];
    const answer = await sent(call, request);
    for (const change of begun) {
      if (answer.status < 300) await tell(change);
      else changes.end(change);
    }
    return answer;
  };

  const sent = async (call: Call, { action }: FileRequest): Promise<Answer> => {
    if (action !== 'PutObject' && action !== 'PostObject') return store.send(call, call.body);
    const answer = await sendPut(store, call);
    return action === 'PostObject' && answer.status === 200 ? { ...answer, status: 204, body: '' } : answer;
  };

  const serve = (call: Call, request: FileRequest): Promise<Answer> =>
    call.method === 'GET' || call.method === 'HEAD'
      ? run(call, request)
      : turns.take(JSON.stringify([request.bucket, request.keys]), () => run(call, request));

  const recover = async (): Promise<void> => {
    for (const change of changes.left()) await tell(change);
  };
  return { serve, recover, pending: turns.pending };
}

/** Runs tasks of one name one after another. */
function turnTaking() {
  const last = new Map<string, Promise<unknown>>();
  const take = <T>(name: string, task: () => Promise<T>): Promise<T> => {
    const turn = (last.get(name) ?? Promise.resolve()).then(task);
    const settled = turn
      .catch(() => {})
      .finally(() => {
        if (last.get(name) === settled) last.delete(name);
      });
    last.set(name, settled);
    return turn;
  };
  return { take, pending: () => last.size };
}

const sendsEvents = ({ props }: Resource): boolean => {
  const configured = props['NotificationConfiguration'] as { EventBridgeConfiguration?: object } | undefined;
  return configured?.EventBridgeConfiguration !== undefined;
};
