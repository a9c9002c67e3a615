import { hashOf } from '#shared/json.ts';

/** An e-mail or phone that may be recognised but not read: what is left of it where its owner is to be forgotten. */
export const addressHash = (address: string): string => hashOf(['address', address]).slice(0, 40);
