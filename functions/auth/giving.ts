import { refuse } from '#shared/errors.ts';
import type { Role, User } from '#shared/user.ts';
import { rightsInForce } from './caller.ts';
import { allows, hasAllOf } from './rights.ts';

/**
 * Nobody gives more than he has: whoever may not change rights himself, and a key never may, gives only roles that hold nothing
 * he does not hold. @throws 400 naming the role
 */
export async function mayGive(user: User, roles: readonly Role[], before: readonly Role[] = []): Promise<void> {
  if (allows(user, 'access.change')) return;
  const table = await rightsInForce();
  const detail = 'This role may more than you may here: somebody who may change rights has to give it.';
  const faults = roles.flatMap((role, place) =>
    before.includes(role) || hasAllOf(user, role, table)
      ? []
      : [{ pointer: `/body/roles/${place}`, code: 'invalid_value', detail }],
  );
  if (faults.length > 0) throw refuse('invalid', {}, faults);
}
