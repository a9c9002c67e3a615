import type { DatabaseSync } from 'node:sqlite';
import type { Authorize, Clock } from '../contract.ts';
import { AwsError, type Answer, type Call } from '../front.ts';

/** The account's suppression list: letters to these addresses bounce without being sent. */
export function suppressionList(db: DatabaseSync) {
  db.exec('create table if not exists mail_suppressed (address text primary key, reason text, at integer)');
  return {
    has: (address: string): boolean =>
      db.prepare('select 1 from mail_suppressed where address = ?').get(address.toLowerCase()) !== undefined,
    put: (address: string, reason: string, at: number): void => {
      db.prepare('insert or replace into mail_suppressed values (?, ?, ?)').run(address.toLowerCase(), reason, at);
    },
    remove: (address: string): boolean =>
      db.prepare('delete from mail_suppressed where address = ?').run(address.toLowerCase()).changes > 0,
    all: (): Suppressed[] => db.prepare('select * from mail_suppressed order by address').all() as Suppressed[],
  };
}

type Suppressed = { address: string; reason: string; at: number };
export type SuppressionList = ReturnType<typeof suppressionList>;

/** What SES would let this account send; far from the sandbox, so that it never stands in the way. */
export const QUOTA = { Max24HourSend: 50_000, MaxSendRate: 14 };

const UNKNOWN = 'Unknown';

type Parts = { list: SuppressionList; clock: Clock; authorize: Authorize; sentLastDay(): number };

/** Serves the part of SES's v2 API that has no v1 twin: the suppression list and the account's state. */
export function suppressionHandler({ list, clock, authorize, sentLastDay }: Parts): (call: Call) => Promise<Answer> {
  return async ({ caller, method, path, body, action }) => {
    const { pathname, searchParams } = new URL(path, 'http://ses');
    if (action === UNKNOWN)
      throw new AwsError('BadRequestException', `${method} ${pathname} is not part of the local cloud.`);
    authorize(caller, { action: `ses:${action}`, resource: '*' });
    const address = decodeURIComponent(pathname.split('/')[5] ?? '');
    switch (action) {
      case 'GetAccount':
        return json({
          SendingEnabled: true,
          ProductionAccessEnabled: true,
          EnforcementStatus: 'HEALTHY',
          SendQuota: { ...QUOTA, SentLast24Hours: sentLastDay() },
          SuppressionAttributes: { SuppressedReasons: ['BOUNCE', 'COMPLAINT'] },
        });
      case 'PutSuppressedDestination': {
        const { EmailAddress, Reason } = JSON.parse(body.toString()) as { EmailAddress: string; Reason: string };
        list.put(EmailAddress, Reason, clock.now());
        return json({});
      }
      case 'GetSuppressedDestination': {
        const found = list.all().find((one) => one.address === address.toLowerCase());
        if (!found) throw notFound(address);
        return json({ SuppressedDestination: shown(found) });
      }
      case 'DeleteSuppressedDestination':
        if (!list.remove(address)) throw notFound(address);
        return json({});
      default:
        return json(page(list.all(), searchParams));
    }
  };
}

/** The action of a v2 request, from its method and path. */
export function suppressionAction({ method, path }: { method: string; path: string }): string {
  const { pathname } = new URL(path, 'http://ses');
  if (pathname === '/v2/email/account') return 'GetAccount';
  const match = /^\/v2\/email\/suppression\/addresses(\/.+)?$/.exec(pathname);
  if (!match) return UNKNOWN;
  if (method === 'PUT') return 'PutSuppressedDestination';
  if (method === 'DELETE') return 'DeleteSuppressedDestination';
  return match[1] ? 'GetSuppressedDestination' : 'ListSuppressedDestinations';
}

function page(all: readonly Suppressed[], query: URLSearchParams): object {
  const reasons = query.getAll('Reason');
  const [from, to] = ['StartDate', 'EndDate'].map((name) => query.get(name));
  const found = all.filter(
    ({ address, reason, at }) =>
      (!reasons.length || reasons.includes(reason)) &&
      (!from || at >= Date.parse(from)) &&
      (!to || at <= Date.parse(to)) &&
      address > (query.get('NextToken') ?? ''),
  );
  const size = Number(query.get('PageSize') ?? 1000);
  return {
    SuppressedDestinationSummaries: found.slice(0, size).map(shown),
    ...(found.length > size ? { NextToken: found[size - 1]?.address } : {}),
  };
}

const shown = ({ address, reason, at }: Suppressed) => ({
  EmailAddress: address,
  Reason: reason,
  LastUpdateTime: at / 1000,
});

const notFound = (address: string): AwsError =>
  new AwsError('NotFoundException', `Email address ${address} does not exist on your suppression list.`, 404);

const json = (value: object): Answer => ({
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(value),
});
