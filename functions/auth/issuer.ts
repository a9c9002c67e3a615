import * as z from 'zod';
import { readEnv } from '#shared/env.ts';
import type { Issuer } from './sign-in.ts';

const IssuerEnv = z.object({ ISSUER: z.url(), CLIENT_ID: z.string().min(1), ADMIN_EMAIL: z.string().optional() });

/** The issuer of the deployment, for the doorkeeper of every function with use 'issuer'. */
export const issuer = (): Issuer => {
  const { ISSUER, CLIENT_ID, ADMIN_EMAIL } = readEnv(IssuerEnv);
  return { issuer: ISSUER, clientId: CLIENT_ID, adminEmail: ADMIN_EMAIL };
};
