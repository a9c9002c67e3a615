import { expect, it } from 'vitest';
import { refuse } from '#shared/errors.ts';
import { problemOf } from '#shared/http/problem.ts';
import { problems, type ProblemCode } from '#shared/problems.ts';

const codes = Object.keys(problems) as ProblemCode[];
const holes = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).toSorted();

it.each(codes)('%s has a title in each language, and says the same in both', (code) => {
  const [ru, en] = (['ru', 'en'] as const).map((locale) => problemOf(refuse(code), 'request', locale).document);
  expect(ru?.title).toMatch(/[а-яё]/i);
  expect(en?.title).not.toMatch(/[а-яё]/i);
  for (const document of [ru, en]) expect(document?.title).toMatch(/^[^{}]{4,80}$/);
  expect(holes(problems[code].ru)).toEqual(holes(problems[code].en));
});
