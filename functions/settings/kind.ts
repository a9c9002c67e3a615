import * as z from 'zod';
import { refuse } from '#shared/errors.ts';
import { reshape } from '#shared/fields.ts';
import { accept } from '#shared/http/problem.ts';
import type { User } from '#shared/user.ts';
import { SettingId, type Kind } from './setting.ts';

/** The kind that a path names. @throws 404 */
export function kindOf(kinds: readonly Kind[], plural: string): Kind {
  const kind = kinds.find((one) => one.plural === plural);
  if (!kind) throw refuse('not_found', { what: 'kind of setting', id: plural });
  return kind;
}

/** Some kinds of settings need a right of their own to be changed. @throws 403 */
export function mayChange(user: User, { right }: Kind): void {
  if (!Object.hasOwn(user.may, right)) throw refuse('forbidden', { right });
}

/** A body as its kind takes it, from a route that serves every kind. @throws 400 with every fault under /body/body */
export const bodyOf = (kind: Kind, body: unknown, locale: 'ru' | 'en'): z.output<z.ZodObject> =>
  accept(z.object({ body: reshape(kind.schema, 'strict') }), { body }, 'body', locale).body;

/** @throws 400 for an id that letters, forms and files could not name */
export function settingId(typed: string): string {
  const id = SettingId.safeParse(typed);
  if (id.success) return id.data;
  const detail = id.error.issues[0]?.message ?? '';
  throw refuse('invalid', {}, [{ pointer: '/path/id', code: 'invalid_format', detail }]);
}
