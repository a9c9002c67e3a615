import { callerById } from '#functions/auth/caller.ts';
import { refuse } from '#shared/errors.ts';
import type { Acting, Doing } from '#shared/jobs.ts';
import type { Editing } from '#shared/record-kind.ts';
import type { User } from '#shared/user.ts';

/**
 * Who stands behind a job, with what he may do now, and how its steps are done in his name. One that another system started may
 * what its key may, as long as that is open. @throws 409, 401
 */
export async function behind(doing: Doing): Promise<{ user: User; editing: Editing; acting: Acting }> {
  const user = await callerById(
    doing.userId,
    doing.keyId === undefined ? undefined : { id: doing.keyId, now: doing.now },
  );
  if (!user) throw refuse('wrong_state', { what: 'The user', state: 'switched off', why: 'work in his name stops' });
  const { now, jobId: requestId, newId } = doing;
  return {
    user,
    editing: { user, now, requestId, newId },
    acting: { by: { kind: 'user', id: user.id, name: user.name, ...(user.key && { key: user.key }) } },
  };
}
