import { describe, expect, it } from 'vitest';
import { accessKind, tableWith } from '#functions/auth/access.ts';
import {
  allows,
  DEFAULTS,
  grantsOf,
  hasAllOf,
  holds,
  reaches,
  reachOf,
  rights,
  within,
} from '#functions/auth/rights.ts';
import { Role, Scope, type User } from '#shared/user.ts';

const roles = Role.options;
const as = (...given: Role[]): User => ({
  id: 'user_1',
  name: 'A',
  email: 'a@x.example',
  roles: given,
  locale: 'en',
  zone: 'UTC',
  teamId: 'team_1',
  colleagues: ['user_1', 'user_2'],
  ...grantsOf(given, DEFAULTS),
});

/** Written out by hand: whoever changes who may do what, and with whose records, changes it here as well. */
const TABLE = `
                   admin head seller marketer accountant purchasing auditor
me.read            all   all  all    all      all        all        all
setting.read       all   all  all    all      all        all        all
setting.change     all   -    -      -        -          -          -
access.change      all   -    -      -        -          -          -
user.read          all   all  all    all      all        all        all
user.change        all   -    -      -        -          -          -
key.read           all   -    -      -        -          -          all
key.change         all   -    -      -        -          -          -
intake.read        all   all  -      all      -          -          all
intake.replay      all   all  -      all      -          -          -
lead.read          all   all  team   all      -          -          all
lead.change        all   all  team   -        -          -          -
client.read        all   all  team   all      all        all        all
client.change      all   all  team   -        -          -          -
person.export      all   all  -      -        -          -          -
person.erase       all   -    -      -        -          -          -
product.read       all   all  all    all      all        all        all
product.change     all   all  -      -        -          all        -
activity.read      all   all  team   all      all        all        all
activity.change    all   all  team   own      own        own        -
deal.read          all   all  team   -        all        -          all
deal.change        all   all  team   -        -          -          -
approval.read      all   all  team   -        all        -          all
approval.decide    all   all  -      -        all        -          -
order.read         all   all  team   all      all        all        all
order.change       all   all  team   -        -          -          -
letter.read        all   all  team   -        all        -          all
story.read         all   all  all    all      all        all        all
history.read       all   all  all    all      all        all        all
change.read        all   -    -      -        all        -          all
external-id.read   all   all  all    all      all        all        all
external-id.change all   all  -      -        all        all        -
webhook.read       all   -    -      -        -          -          all
webhook.change     all   -    -      -        -          -          -
job.read           all   all  own    own      own        own        all
job.change         all   all  own    own      own        own        -
view.read          all   all  all    all      all        all        all
view.change        all   all  all    all      all        all        all
segment.read       all   all  all    all      -          -          all
segment.change     all   all  -      all      -          -          -
import.run         all   all  all    all      -          all        -
bulk.run           all   all  all    all      -          all        -
export.run         all   all  all    all      all        all        all
archive.run        all   -    -      -        -          -          -
`;
const cost = {
  admin: true,
  head: true,
  seller: false,
  marketer: false,
  accountant: true,
  purchasing: true,
  auditor: true,
};

const written = new Map(
  TABLE.trim()
    .split('\n')
    .slice(1)
    .map((row) => row.trim().split(/\s+/))
    .map(([right = '', ...marks]) => [right, marks.map((mark) => (mark === '-' ? undefined : mark))]),
);

it('lets each role do what the table says and nothing else', () => {
  const actual = Object.keys(rights).map((right) => [right, roles.map((role) => as(role).may[right])] as const);
  expect(new Map(actual)).toEqual(written);
});

it('shows cost and margin to the roles that may see them', () => {
  expect(Object.fromEntries(roles.map((role) => [role, holds(as(role), 'cost')]))).toEqual(cost);
});

it('gives an auditor nothing that changes anything but what is his alone: his views, his copies', () => {
  const changing = Object.keys(rights).filter(
    (right) => !right.endsWith('.read') && right !== 'view.change' && right !== 'export.run',
  );
  expect(changing.filter((right) => allows(as('auditor'), right))).toEqual([]);
});

it('adds up the rights of several roles', () => {
  expect([allows(as('marketer', 'purchasing'), 'product.change'), allows(as('marketer'), 'product.change')]).toEqual([
    true,
    false,
  ]);
});

it.each(['deal.delete', 'deal', '', '*'])('gives nobody a right that is not in the table: %s', (right) => {
  expect(roles.filter((role) => allows(as(role), right) || holds(as(role), right))).toEqual([]);
});

it('gives nothing to somebody without a role', () => {
  expect(Object.keys(rights).filter((right) => allows(as(), right))).toEqual([]);
});

describe('reach', () => {
  const mine = { ownerId: 'user_1', teamId: 'team_9' };
  const colleagues = { ownerId: 'user_2', teamId: 'team_9' };
  const foreign = { ownerId: 'user_9', teamId: 'team_1' };
  const waiting = { teamId: 'team_1' };
  const elsewhere = { teamId: 'team_9' };
  const everybodys = {};
  const all = [mine, colleagues, foreign, waiting, elsewhere, everybodys];

  it.each([
    ['own', { owners: ['user_1'] }, [true, false, false, false, false, true]],
    ['team', { owners: ['user_1', 'user_2'], teamId: 'team_1' }, [true, true, false, true, false, true]],
    ['all', 'all', [true, true, true, true, true, true]],
    [undefined, undefined, [false, false, false, false, false, false]],
  ] as const)('%s is the owner’s matter first, the team’s where nobody owns', (scope, reach, seen) => {
    const user = { ...as('seller'), may: scope === undefined ? {} : { 'lead.read': scope } };
    expect(reachOf(user, 'lead.read')).toEqual(reach);
    expect(all.map((record) => within(reachOf(user, 'lead.read'), record))).toEqual(seen);
  });

  it('of somebody in no team is himself', () => {
    const user = { ...as('seller'), teamId: undefined, colleagues: ['user_1'] };
    expect(all.map((record) => reaches(user, 'lead.read', record))).toEqual([true, false, false, false, false, true]);
  });

  it('of several roles is the widest', () => {
    expect(Scope.options.map((scope) => grantsOf(['seller', 'head'], twoOf(scope)).may['lead.read'])).toEqual([
      'team',
      'team',
      'all',
    ]);
  });
});

const twoOf = (scope: Scope) => tableWith({ rights: { 'lead.read': { seller: 'team', head: scope } }, fields: {} });

it('is changed by a firm role by role, and the rest stays', () => {
  const change = { 'lead.read': { seller: 'own', marketer: 'none' }, 'order.read': { seller: 'all' } } as const;
  const table = tableWith({ rights: change, fields: { cost: { seller: true, head: false } } });
  expect(table.rights['lead.read']).toEqual({ admin: 'all', head: 'all', seller: 'own', auditor: 'all' });
  expect(table.rights['order.read']).toEqual({ ...rights['order.read'], seller: 'all' });
  expect(table.rights['deal.read']).toEqual(rights['deal.read']);
  expect([...(table.fields['cost'] ?? [])].sort()).toEqual(['accountant', 'admin', 'auditor', 'purchasing', 'seller']);
  expect(tableWith(undefined)).toBe(DEFAULTS);
});

describe('who gives a role', () => {
  const giver = (user: User): Role[] => roles.filter((role) => hasAllOf(user, role, DEFAULTS));

  it('has all of it himself: every right as far, every guarded field', () => {
    expect(giver(as('admin'))).toEqual(roles);
    expect(giver(as('seller'))).toEqual(['seller']);
    expect(giver(as('head'))).toContain('seller');
    expect(giver(as('head'))).not.toContain('admin');
    expect(giver({ ...as('seller'), may: { ...as('seller').may, 'lead.read': 'own' } })).toEqual([]);
    expect(giver({ ...as('auditor'), sees: [] })).not.toContain('auditor');
  });

  it('through a key has what the key has', () => {
    expect(giver({ ...as('admin'), may: { 'user.change': 'all', 'me.read': 'all' } })).toEqual([]);
  });
});

it('changes no right there is not, whatever it is called', async () => {
  for (const name of ['lead.fly', 'constructor', 'toString']) {
    const row = { seller: 'all' as const };
    const faults = await accessKind.check({ rights: { [name]: row }, fields: { [name]: { seller: true } } }, undefined);
    expect(faults.map(({ code }) => code)).toEqual(['unknown_field', 'unknown_field']);
  }
});
