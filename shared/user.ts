import * as z from 'zod';

export const Role = z.enum(['admin', 'head', 'seller', 'marketer', 'accountant', 'purchasing', 'auditor']);
export type Role = z.output<typeof Role>;

/** Somebody who is signed in, as routes and rules see him. */
export type User = {
  id: string;
  name: string;
  email: string;
  roles: readonly Role[];
  teamId?: string | undefined;
  locale: 'ru' | 'en';
  zone: string;
};
