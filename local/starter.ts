import type { Cloud } from './cloud.ts';

export const ADMIN = 'admin@sdelka.example';

/** Loads the starter set as an admin of a new installation would: his first sign-in makes his row, then one call. */
export async function loadStarter(cloud: Cloud): Promise<void> {
  const authorization = `Bearer ${await cloud.token({ email: ADMIN })}`;
  const answer = await fetch(`${cloud.url}/api/starter`, { method: 'POST', headers: { authorization } });
  if (!answer.ok) throw new Error(`The starter set was not loaded: ${answer.status} ${await answer.text()}`);
  await cloud.settle();
}
