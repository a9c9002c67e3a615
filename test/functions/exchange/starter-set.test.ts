import * as z from 'zod';
import { describe, expect, it } from 'vitest';
import { Account, NewAccount, Team } from '#functions/auth/account.ts';
import { Product } from '#functions/catalog/product.ts';
import { DealType } from '#functions/deals/deal-type.ts';
import { settingKinds } from '#functions/exchange/setting-kinds.ts';
import { people, products, settingsFor, team } from '#functions/exchange/starter-set.ts';
import { Scoring } from '#functions/leads/scoring.ts';
import { SettingId } from '#functions/settings/setting.ts';
import { idOf } from '#test/support/deal.ts';

const settings = settingsFor(idOf('user', 'ADM'));
const of = (kind: string) => settings.filter((one) => one.kind === kind);
const kinds = new Map(settingKinds.map((kind) => [kind.kind, kind]));

describe('the settings of the starter set', () => {
  it.each(settings.map((one) => [`${one.kind} ${one.id}`, one] as const))('hold: %s', async (_, { kind, id, body }) => {
    const of = kinds.get(kind);
    expect(SettingId.safeParse(id).success).toBe(true);
    const parsed = of?.schema.safeParse(body);
    expect(parsed?.error?.issues).toBeUndefined();
    expect(await of?.check(parsed?.data ?? {})).toEqual([]);
  });

  it('have each an id of its own', () => {
    expect(new Set(settings.map(({ kind, id }) => `${kind}/${id}`)).size).toBe(settings.length);
  });

  it('fit into one transaction, each with its event', () => {
    expect(settings.length * 2).toBeLessThanOrEqual(100);
  });

  it('name only what is there: channels, team, letters', () => {
    const channels = of('channel').map(({ id }) => id);
    const templates = of('template').map(({ id }) => id);
    for (const { body } of [...of('form'), ...of('source')]) {
      expect(channels).toContain(body['channel']);
      expect(templates).toContain(body['welcome']);
      expect(body['teamId']).toBe(team.id);
    }
  });

  it('have every letter the product sends, in both languages', () => {
    const templates = new Map(of('template').map(({ id, body }) => [id, Object.keys(body).toSorted()]));
    const sent = ['welcome', 'approval-ask', 'approval-approved', 'approval-refused', 'approval-expired', 'deal-won'];
    expect(sent.map((id) => [id, templates.get(id)])).toEqual(sent.map((id) => [id, ['en', 'ru']]));
  });

  it('lead a deal of every type from its first stage to won and to lost', () => {
    for (const { id, body } of of('deal-type')) {
      const { stages } = DealType.parse(body);
      const reached = new Set([stages[0]?.id]);
      for (const stage of [...stages, ...stages]) {
        if (reached.has(stage.id)) stage.next.forEach((next) => reached.add(next));
      }
      expect([id, stages.filter((stage) => !reached.has(stage.id)).map((stage) => stage.id)]).toEqual([id, []]);
    }
  });

  it('score by rules that all can hold at once', () => {
    const { rules } = Scoring.parse(of('scoring')[0]?.body);
    expect(new Set(rules.map(({ name }) => name)).size).toBe(rules.length);
  });
});

describe('the people and goods of the starter set', () => {
  const account = { version: 1, active: true, createdAt: '2026-11-23T10:00:00.000Z' };

  it('are as the API would take them', () => {
    for (const one of people) {
      expect(Account.safeParse({ ...one, ...account }).error).toBeUndefined();
      expect(NewAccount.safeParse(one).error).toBeUndefined();
    }
    expect(Team.safeParse({ ...team, version: 1 }).error).toBeUndefined();
    for (const one of products)
      expect(Product.safeParse(z.encode(Product, { ...one, version: 1, active: true })).error).toBeUndefined();
  });

  it('have each an id, an e-mail and a SKU of its own', () => {
    const ids = [...people, ...products, team].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(new Set(people.map(({ email }) => email)).size).toBe(people.length);
    expect(new Set(products.map(({ sku }) => sku)).size).toBe(products.length);
  });

  it('have a team whose head and members are among them and sell', () => {
    const roles = new Map(people.map(({ id, roles: held }) => [id, held]));
    expect(roles.get(team.headId ?? '')).toEqual(['head']);
    expect(team.memberIds.map((id) => roles.get(id))).toEqual([['seller'], ['seller']]);
  });

  it('cost less than they are sold for', () => {
    expect(products.filter(({ price, cost }) => cost === undefined || cost >= price)).toEqual([]);
  });
});
