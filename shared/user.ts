import * as z from 'zod';

export const Role = z.enum(['admin', 'head', 'seller', 'marketer', 'accountant', 'purchasing', 'auditor']);
export type Role = z.output<typeof Role>;

/** How far a right goes: over one's own records, those of one's team, everybody's. */
export const Scope = z.enum(['own', 'team', 'all']);
export type Scope = z.output<typeof Scope>;

/** Whose records a right reaches: everybody's, or those of these people and those of this team that nobody owns yet. */
export type Reach = 'all' | { owners: readonly string[]; teamId?: string };

/** Whose a record is: somebody's, or only a team's; everybody's when it says neither. */
export type Owned = { ownerId?: string | undefined; teamId?: string | undefined };

/** Somebody who is signed in, as routes and rules see him: who he is and, by the table of rights in force, what he may. */
export type User = {
  id: string;
  name: string;
  email: string;
  roles: readonly Role[];
  teamId?: string | undefined;
  locale: 'ru' | 'en';
  zone: string;
  /** The people of his team, himself among them. */
  colleagues: readonly string[];
  /** Every right he has, and how far it goes. */
  may: Readonly<Record<string, Scope>>;
  /** The guarded fields he is shown. */
  sees: readonly string[];
  /** The key by which another system acts in his name. */
  key?: { id: string; name: string };
};
