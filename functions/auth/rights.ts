import type { Role, User } from '#shared/user.ts';

const EVERYBODY: readonly Role[] = ['admin', 'head', 'seller', 'marketer', 'accountant', 'purchasing', 'auditor'];
const SELLERS: readonly Role[] = ['admin', 'head', 'seller'];

/** Who may do what. One table; whose records (own, team, all) comes with it. */
export const rights = {
  'me.read': EVERYBODY,
  'setting.read': EVERYBODY,
  'setting.change': ['admin'],
  'user.read': EVERYBODY,
  'user.change': ['admin'],
  'intake.read': ['admin', 'head', 'marketer', 'auditor'],
  'intake.replay': ['admin', 'head', 'marketer'],
  'lead.read': ['admin', 'head', 'seller', 'marketer', 'auditor'],
  'lead.change': SELLERS,
  'client.read': EVERYBODY,
  'client.change': SELLERS,
  'product.read': EVERYBODY,
  'product.change': ['admin', 'head', 'purchasing'],
  'deal.read': ['admin', 'head', 'seller', 'accountant', 'auditor'],
  'deal.change': SELLERS,
  'approval.read': ['admin', 'head', 'seller', 'accountant', 'auditor'],
  'approval.decide': ['admin', 'head', 'accountant'],
  'order.read': EVERYBODY,
  'letter.read': ['admin', 'head', 'seller', 'accountant', 'auditor'],
  'story.read': EVERYBODY,
  'job.read': EVERYBODY,
} as const satisfies Record<string, readonly Role[]>;
export type Right = keyof typeof rights;

/** Who sees guarded fields: what a thing cost us, and what we earn on it. */
const fieldRights: Readonly<Record<string, readonly Role[]>> = {
  cost: ['admin', 'head', 'accountant', 'purchasing', 'auditor'],
};

const any = (user: User, roles: readonly Role[] | undefined): boolean =>
  roles?.some((role) => user.roles.includes(role)) ?? false;

/** Deny by default: a right that is not in the table is nobody's. */
export const allows = (user: User, right: string): boolean =>
  any(user, (rights as Record<string, readonly Role[]>)[right]);
export const holds = (user: User, fieldRight: string): boolean => any(user, fieldRights[fieldRight]);
