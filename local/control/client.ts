import type { Fault } from '../contract.ts';
import type { Meter } from '../dynamo/meter.ts';
import type { Letter } from '../mail/letter.ts';
import type { CloudStatus } from './status.ts';

export type Settled = { settled: boolean; pending: Record<string, number> };
export type ClockNow = { now: string; epochMs: number; aheadMs: number };
export type InboxLetter = Letter & {
  text: string;
  html: string;
  links: string[];
  /** `content` in base64. */
  attachments: { name: string; type: string; content: string }[];
};

/** The control port of a running cloud, for tests and tools. Every call throws an Error with what the port answered. */
export type Control = ReturnType<typeof controlAt>;

export function controlAt(url: string) {
  const ask = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const init = { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    const response = await fetch(`${url}${path}`, init).catch((error: unknown) => {
      throw new Error(`No local cloud answers at ${url}: start one with \`npm start\`.`, { cause: error });
    });
    const answer = (await response.json()) as T & { error?: string };
    if (!response.ok) throw new Error(answer.error ?? `${method} ${path}: ${response.status}`);
    return answer;
  };
  return {
    status: () => ask<CloudStatus>('GET', '/status'),
    /** Waits until everything is idle. @throws Error naming what is still pending */
    async settle(timeoutMs?: number): Promise<void> {
      const { settled, pending } = await ask<Settled>('POST', '/settle', { timeoutMs });
      if (!settled) throw new Error(`The cloud does not settle: ${JSON.stringify(pending)}`);
    },
    clock: () => ask<ClockNow>('GET', '/clock'),
    /** Moves the clock by ms or a text like `3d`. @throws Error naming what did not settle on the way */
    async advance(by: number | string, timeoutMs?: number): Promise<ClockNow> {
      const { settled, pending, ...now } = await ask<Settled & ClockNow>('POST', '/clock', {
        advanceBy: by,
        timeoutMs,
      });
      if (!settled) throw new Error(`The cloud does not settle at ${now.now}: ${JSON.stringify(pending)}`);
      return now;
    },
    reset: () => ask<object>('POST', '/reset'),
    fail: (...faults: Fault[]) => ask<Fault[]>('POST', '/fail', faults),
    heal: () => ask<Fault[]>('DELETE', '/fail'),
    faults: () => ask<Fault[]>('GET', '/fail'),
    inbox: (to?: string) => ask<Letter[]>('GET', `/inbox${to === undefined ? '' : `?to=${encodeURIComponent(to)}`}`),
    letter: (id: string) => ask<InboxLetter>('GET', `/inbox/${encodeURIComponent(id)}`),
    token: async (who: { email: string } | { role: string }) =>
      (await ask<{ token: string }>('POST', '/token', who)).token,
    function: (id: string) =>
      ask<{ dir: string; env: Record<string, string> }>('GET', `/functions/${encodeURIComponent(id)}`),
    meter: () => ask<ReturnType<Meter['totals']>>('GET', '/meter'),
    /** Counts from now on under a name; null stops. */
    count: (label: string | null) => ask<object>('POST', '/meter', { label }),
    rough: (seed: number | null) => ask<object>('POST', '/rough', { seed }),
  };
}
