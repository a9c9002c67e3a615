import { refuse } from '#shared/errors.ts';
import { Role, type Owned, type Reach, type Scope, type User } from '#shared/user.ts';

/** How far a right goes for each role; a role that is not named does not have it. */
export type Row = Readonly<Partial<Record<Role, Scope>>>;

const all = (...roles: Role[]): Row => Object.fromEntries(roles.map((role) => [role, 'all']));
const EVERYBODY = all(...Role.options);
/** Sellers see to what is theirs or of a colleague, the others to everything. */
const SELLERS: Row = { ...all('admin', 'head'), seller: 'team' };

/** Who may do what, and with whose records. One table; a firm may change it by the setting `access`. */
export const rights = {
  'me.read': EVERYBODY,
  'setting.read': EVERYBODY,
  'setting.change': all('admin'),
  'access.change': all('admin'),
  'user.read': EVERYBODY,
  'user.change': all('admin'),
  'key.read': all('admin', 'auditor'),
  'key.change': all('admin'),
  'intake.read': all('admin', 'head', 'marketer', 'auditor'),
  'intake.replay': all('admin', 'head', 'marketer'),
  'lead.read': { ...SELLERS, ...all('marketer', 'auditor') },
  'lead.change': SELLERS,
  'client.read': { ...EVERYBODY, seller: 'team' },
  'client.change': SELLERS,
  'person.export': all('admin', 'head'),
  'person.erase': all('admin'),
  'product.read': EVERYBODY,
  'product.change': all('admin', 'head', 'purchasing'),
  'activity.read': { ...SELLERS, ...all('marketer', 'accountant', 'purchasing', 'auditor') },
  'activity.change': { ...SELLERS, marketer: 'own', accountant: 'own', purchasing: 'own' },
  'deal.read': { ...SELLERS, ...all('accountant', 'auditor') },
  'deal.change': SELLERS,
  'approval.read': { ...SELLERS, ...all('accountant', 'auditor') },
  'approval.decide': all('admin', 'head', 'accountant'),
  'order.read': { ...EVERYBODY, seller: 'team' },
  'order.change': SELLERS,
  'letter.read': { ...SELLERS, ...all('accountant', 'auditor') },
  'story.read': EVERYBODY,
  // Of records within reach, and of kinds that may be read.
  'history.read': EVERYBODY,
  'change.read': all('admin', 'accountant', 'auditor'),
  'external-id.read': EVERYBODY,
  'external-id.change': all('admin', 'head', 'accountant', 'purchasing'),
  'webhook.read': all('admin', 'auditor'),
  'webhook.change': all('admin'),
  'job.read': {
    ...all('admin', 'head', 'auditor'),
    seller: 'own',
    marketer: 'own',
    accountant: 'own',
    purchasing: 'own',
  },
  'job.change': {
    ...all('admin', 'head'),
    seller: 'own',
    marketer: 'own',
    accountant: 'own',
    purchasing: 'own',
  },
  'view.read': EVERYBODY,
  'view.change': EVERYBODY,
  'segment.read': all('admin', 'head', 'seller', 'marketer', 'auditor'),
  'segment.change': all('admin', 'head', 'marketer'),
  // What is brought in, changed in bulk or taken out needs the right to the records besides.
  'import.run': all('admin', 'head', 'seller', 'marketer', 'purchasing'),
  'bulk.run': all('admin', 'head', 'seller', 'marketer', 'purchasing'),
  'export.run': EVERYBODY,
  'archive.run': all('admin'),
} as const satisfies Record<string, Row>;
export type Right = keyof typeof rights;

/** Who sees guarded fields: what a thing cost us, and what we earn on it. */
export const fieldRights = {
  cost: ['admin', 'head', 'accountant', 'purchasing', 'auditor'],
} as const satisfies Record<string, readonly Role[]>;

/** A table of rights: the one above, or as a firm has changed it. */
export type Table = {
  rights: Readonly<Record<string, Row>>;
  fields: Readonly<Record<string, readonly Role[]>>;
};
export const DEFAULTS: Table = { rights, fields: fieldRights };

const WIDTH: Readonly<Record<Scope, number>> = { own: 0, team: 1, all: 2 };
const widest = (scopes: readonly Scope[]): Scope | undefined => scopes.toSorted((a, b) => WIDTH[b] - WIDTH[a]).at(0);

/** What somebody with these roles may by a table: the widest of what his roles give him. */
export function grantsOf(roles: readonly Role[], table: Table): Pick<User, 'may' | 'sees'> {
  const may = Object.entries(table.rights).flatMap(([right, row]) => {
    const scope = widest(roles.flatMap((role) => row[role] ?? []));
    return scope === undefined ? [] : [[right, scope] as const];
  });
  const sees = Object.entries(table.fields).filter(([, shown]) => shown.some((role) => roles.includes(role)));
  return { may: Object.fromEntries(may), sees: sees.map(([field]) => field) };
}

/** Deny by default: a right that is not in the table is nobody's. */
export const allows = (user: User, right: string): boolean => Object.hasOwn(user.may, right);
export const holds = (user: User, fieldRight: string): boolean => user.sees.includes(fieldRight);

/** Whether somebody has all that such a role would give, as far as it would. */
export function hasAllOf(user: User, role: Role, table: Table): boolean {
  const { may, sees } = grantsOf([role], table);
  const less = Object.entries(may).some(([right, scope]) => {
    const own = allows(user, right) ? user.may[right] : undefined;
    return own === undefined || WIDTH[own] < WIDTH[scope];
  });
  return !less && sees.every((field) => holds(user, field));
}

/** Whose records a right of somebody reaches; undefined when he does not have it. */
export function reachOf(user: User, right: string): Reach | undefined {
  if (!allows(user, right)) return undefined;
  const scope = user.may[right];
  if (scope === 'all') return 'all';
  if (scope === 'own') return { owners: [user.id] };
  return { owners: user.colleagues, ...(user.teamId !== undefined && { teamId: user.teamId }) };
}

/** Whether a record is within reach: by its owner; one that nobody owns by its team; one of neither is everybody's. */
export function within(reach: Reach | undefined, { ownerId, teamId }: Owned): boolean {
  if (reach === undefined || reach === 'all') return reach === 'all';
  if (ownerId !== undefined) return reach.owners.includes(ownerId);
  return teamId === undefined || teamId === reach.teamId;
}

export const reaches = (user: User, right: string, record: Owned): boolean => within(reachOf(user, right), record);

/** Whose list is asked for: the caller's own unless said. @throws 403 out_of_reach when it is of somebody beyond his reach */
export function ownerAsked(user: User, right: string, ownerId: string = user.id): string {
  if (!reaches(user, right, { ownerId })) throw refuse('out_of_reach', { owner: ownerId });
  return ownerId;
}
