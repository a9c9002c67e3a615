import { expect, it } from 'vitest';
import { routes as routesOf, served } from '#functions/api.ts';
import { rights } from '#functions/auth/rights.ts';
import { routes as importRoutes } from '#functions/imports.ts';
import { routes as publicRoutes } from '#functions/public.ts';
import { routes as queryRoutes } from '#functions/query.ts';

const routes = await routesOf();

it('asks for a right of the table at every door but the one to its own description', () => {
  const without = routes.filter(({ rights: right }) => right === undefined || !Object.hasOwn(rights, right));
  expect(without.map(({ method, path }) => `${method} ${path}`)).toEqual(['GET /openapi.json']);
});

it('changes nothing with a right to read, and reads with no right to change', () => {
  const wrong = routes.filter(({ method, repeatable, rights: right = '' }) =>
    method === 'GET' ? right.endsWith('.change') : right.endsWith('.read') && !repeatable,
  );
  expect(wrong.map(({ method, path, rights: right }) => `${method} ${path}: ${right}`)).toEqual([]);
});

it('has every operation once, described in words', () => {
  for (const all of [routes, publicRoutes]) {
    const names = all.map(({ method, path }) => `${method} ${path}`);
    expect(new Set(names).size).toBe(names.length);
    expect(all.filter(({ summary }) => summary.length < 4)).toEqual([]);
  }
});

it('uses every right of the table somewhere', () => {
  const used = new Set([...routes, ...queryRoutes, ...importRoutes].map(({ rights: right }) => right));
  expect(Object.keys(rights).filter((right) => !used.has(right))).toEqual([]);
});

it('loads every route with a request to its path', async () => {
  for (const { tag, under, routes: load } of served)
    for (const { method, path } of await load())
      expect([tag, method, path, under.includes(path.split('/')[1] ?? '')]).toEqual([tag, method, path, true]);
});
