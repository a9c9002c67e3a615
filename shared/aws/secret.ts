import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { clientDefaults } from './defaults.ts';

let root: Buffer | undefined;

/** Reads the one secret of the installation once per execution environment. Call it before `derivedKey`. */
export async function loadSecret(): Promise<void> {
  if (root !== undefined) return;
  const SecretId = process.env['SECRET_ARN'];
  if (SecretId === undefined) throw new Error('SECRET_ARN is not set: every function that signs or checks needs it.');
  const client = new SecretsManagerClient(clientDefaults());
  const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId }));
  if (SecretString === undefined) throw new Error('The secret of the installation is empty.');
  root = Buffer.from(SecretString);
}

export type Purpose = 'cursor' | 'decision-link' | 'form-start' | 'source-secret' | 'webhook-secret' | 'idempotency';

/** A key of its own for each purpose, derived from the one secret (HKDF, RFC 5869), so that no two uses share bytes. */
export function derivedKey(purpose: Purpose): Buffer {
  if (root === undefined) throw new Error('loadSecret() must run before a derived key is used.');
  return Buffer.from(hkdfSync('sha256', root, '', `sdelka:${purpose}`, 32));
}

/** Encrypts a text for keeping in the table (AES-256-GCM); the result carries nonce and tag. */
export function sealText(text: string, purpose: Purpose): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', derivedKey(purpose), nonce);
  const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64');
}

export function openText(sealed: string, purpose: Purpose): string {
  const bytes = Buffer.from(sealed, 'base64');
  const decipher = createDecipheriv('aes-256-gcm', derivedKey(purpose), bytes.subarray(0, 12));
  decipher.setAuthTag(bytes.subarray(12, 28));
  return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8');
}

/** For tests: the root that `loadSecret` would have read. */
export const useSecret = (text: string): void => {
  root = Buffer.from(text);
};
