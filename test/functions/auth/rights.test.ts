import { expect, it } from 'vitest';
import { allows, holds, rights } from '#functions/auth/rights.ts';
import { Role, type User } from '#shared/user.ts';

const roles = Role.options;
const as = (...given: Role[]): User => ({
  id: 'user_1',
  name: 'A',
  email: 'a@x.example',
  roles: given,
  locale: 'en',
  zone: 'UTC',
});

/** Written out by hand: whoever changes who may do what changes it here as well. */
const TABLE = `
                  admin head seller marketer accountant purchasing auditor
me.read             x    x     x       x         x          x        x
setting.read        x    x     x       x         x          x        x
setting.change      x    -     -       -         -          -        -
user.read           x    x     x       x         x          x        x
user.change         x    -     -       -         -          -        -
intake.read         x    x     -       x         -          -        x
intake.replay       x    x     -       x         -          -        -
lead.read           x    x     x       x         -          -        x
lead.change         x    x     x       -         -          -        -
client.read         x    x     x       x         x          x        x
client.change       x    x     x       -         -          -        -
product.read        x    x     x       x         x          x        x
product.change      x    x     -       -         -          x        -
deal.read           x    x     x       -         x          -        x
deal.change         x    x     x       -         -          -        -
approval.read       x    x     x       -         x          -        x
approval.decide     x    x     -       -         x          -        -
order.read          x    x     x       x         x          x        x
letter.read         x    x     x       -         x          -        x
story.read          x    x     x       x         x          x        x
job.read            x    x     x       x         x          x        x
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
    .map(([right = '', ...marks]) => [right, marks.map((mark) => mark === 'x')]),
);

it('lets each role do what the table says and nothing else', () => {
  const actual = Object.keys(rights).map((right) => [right, roles.map((role) => allows(as(role), right))] as const);
  expect(new Map(actual)).toEqual(written);
});

it('shows cost and margin to the roles that may see them', () => {
  expect(Object.fromEntries(roles.map((role) => [role, holds(as(role), 'cost')]))).toEqual(cost);
});

it('gives an auditor nothing that changes anything', () => {
  const changing = Object.keys(rights).filter((right) => !right.endsWith('.read'));
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
