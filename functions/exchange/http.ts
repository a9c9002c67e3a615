import * as z from 'zod';
import { TeamAdded, UserAdded } from '#functions/auth/account.ts';
import { identities, teams, users } from '#functions/auth/store.ts';
import { ProductAdded } from '#functions/catalog/product.ts';
import { products } from '#functions/catalog/store.ts';
import { madeSetting } from '#functions/settings/save.ts';
import { forget, settings } from '#functions/settings/store.ts';
import { commit, type Decision } from '#shared/command.ts';
import type { NewEvent } from '#shared/events.ts';
import { route } from '#shared/http/route.ts';
import { fold } from '#shared/text.ts';
import type { Read } from '#shared/table/read.ts';
import type { Write } from '#shared/table/write.ts';
/** Loaded once in the life of an installation. */
const starterSet = () => import('./starter-set.ts');

type Part = { writes: Write[]; events: NewEvent[] };

/** Settings in one transaction: each is three items, and it holds a hundred. */
const AT_ONCE = 30;

/** Each part adds what is not there yet and leaves what is, changed or not. */
async function missingSettings(read: Read, adminId: string, now: string): Promise<Part> {
  const { settingsFor } = await starterSet();
  const all = settingsFor(adminId);
  const there = new Set(
    (
      await read.getMany(
        settings,
        all.map(({ kind, id }) => ({ kind, id })),
      )
    ).map(({ kind, id }) => `${kind}/${id}`),
  );
  const made = all
    .filter(({ kind, id }) => !there.has(`${kind}/${id}`))
    .slice(0, AT_ONCE)
    .map((one) => madeSetting({ ...one, updatedAt: now, updatedBy: 'system' }));
  return { writes: made.flatMap(({ writes }) => writes), events: made.flatMap(({ events }) => events) };
}

async function missingPeople(read: Read, now: string): Promise<Part> {
  const { people, team } = await starterSet();
  const logins = await read.getMany(
    identities,
    people.map(({ email }) => ({ kind: 'login', value: email })),
  );
  const there = new Set(
    (
      await read.getMany(
        users,
        people.map(({ id }) => ({ id })),
      )
    ).map(({ id }) => id),
  );
  const made = people
    .filter(({ id, email }) => !there.has(id) && !logins.some(({ value }) => value === email))
    .map((one) => users.create({ ...one, version: 1, active: true, createdAt: now }));
  const claims = made.map((write) =>
    identities.create({ kind: 'login', value: String(write.after['email']), owner: write.recordId, at: now }),
  );
  const teamWrite = (await read.get(teams, { id: team.id })) ? [] : [teams.create({ ...team, version: 1 })];
  return {
    writes: [...made, ...claims, ...teamWrite],
    events: [...made.map((write) => UserAdded.of(write, {})), ...teamWrite.map((write) => TeamAdded.of(write, {}))],
  };
}

async function missingProducts(read: Read, now: string): Promise<Part> {
  const { products: goods } = await starterSet();
  const taken = new Set(
    (
      await read.getMany(
        identities,
        goods.map(({ sku }) => ({ kind: 'sku', value: fold(sku) })),
      )
    ).map(({ value }) => value),
  );
  const made = goods
    .filter(({ sku }) => !taken.has(fold(sku)))
    .map((one) => ({ sku: one.sku, write: products.create({ ...one, version: 1, active: true }) }));
  const claims = made.map(({ sku, write }) =>
    identities.create({ kind: 'sku', value: fold(sku), owner: write.recordId, at: now }),
  );
  return {
    writes: [...made.map(({ write }) => write), ...claims],
    events: made.map(({ sku, write }) => ProductAdded.of(write, { sku })),
  };
}

export const starterRoutes = [
  route(
    'POST /starter',
    {
      summary:
        'Loads the starter set: legal entity, users and team, channels, form, deal types, templates, policy, products. What is there already stays',
      rights: 'setting.change',
      repeatable: true,
      returns: z.object({ added: z.int() }),
      status: 201,
    },
    async ({ user, now, perform }) => {
      const addedBy = async (part: (read: Read) => Promise<Part>): Promise<number> => {
        let made = 0;
        await perform(
          commit(async (read): Promise<Decision | undefined> => {
            const found = await part(read);
            made = found.events.length;
            return made > 0 ? found : undefined;
          }),
        );
        return made;
      };
      let added = 0;
      for (const part of [
        (read: Read) => missingPeople(read, now),
        (read: Read) => missingSettings(read, user.id, now),
        (read: Read) => missingProducts(read, now),
      ]) {
        let made: number;
        do {
          made = await addedBy(part);
          added += made;
        } while (made >= AT_ONCE);
      }
      forget();
      return { added };
    },
  ),
];
