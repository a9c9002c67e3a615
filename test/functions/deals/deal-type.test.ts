import { expect, it } from 'vitest';
import { DealType, dealTypeKind, stageOf } from '#functions/deals/deal-type.ts';

const stage = (id: string, kind: string, next: string[] = []) => ({
  id,
  name: { en: id },
  kind,
  probability: 10,
  requires: [],
  next,
});
const closing = [stage('won', 'won'), stage('lost', 'lost')];
const typeOf = (...stages: unknown[]) => DealType.parse({ category: 'quick', stages });

it.each([
  ['a good one', [stage('new', 'open', ['won', 'lost']), ...closing], []],
  [
    'two stages of one id',
    [stage('new', 'open'), stage('new', 'open'), ...closing],
    [['/body/body/stages', 'Two stages have the same id.']],
  ],
  [
    'one that begins at its end',
    [...closing, stage('new', 'open')],
    [['/body/body/stages/0/kind', 'The first stage must be open: deals begin there.']],
  ],
  [
    'one that can never be won',
    [stage('new', 'open'), stage('lost', 'lost')],
    [['/body/body/stages', 'A won stage is missing.']],
  ],
  [
    'one that can never be lost',
    [stage('new', 'open'), stage('won', 'won')],
    [['/body/body/stages', 'A lost stage is missing.']],
  ],
  [
    'a way to nowhere',
    [stage('new', 'open'), stage('offer', 'open', ['won', 'old']), ...closing],
    [['/body/body/stages/1/next', 'There is no stage old.']],
  ],
])('says of a deal type what would not work: %s', async (_, stages, faults) => {
  const found = await dealTypeKind.check(typeOf(...stages));
  expect(found.map(({ pointer, detail }) => [pointer, detail])).toEqual(faults);
});

it('says everything at once', async () => {
  const faults = await dealTypeKind.check(typeOf(stage('won', 'won', ['a']), stage('won', 'won', ['b'])));
  expect(faults).toHaveLength(5);
});

it('finds a stage by its id', () => {
  const type = typeOf(stage('new', 'open'), ...closing);
  expect([stageOf(type, 'won')?.kind, stageOf(type, 'other')]).toEqual(['won', undefined]);
});

it('keeps a stage deals were in: it is retired, not removed', async () => {
  const before = typeOf(stage('new', 'open', ['won', 'lost']), stage('offer', 'open', ['won']), ...closing);
  const without = typeOf(stage('new', 'open', ['won', 'lost']), ...closing);
  const retired = typeOf(
    stage('new', 'open', ['won']),
    { ...stage('offer', 'open', ['won']), retired: true },
    ...closing,
  );
  expect((await dealTypeKind.check(without, before)).map(({ detail }) => detail)).toEqual([
    'Stage offer cannot be removed, because deals were in it: set retired instead.',
  ]);
  expect(await dealTypeKind.check(retired, before)).toEqual([]);
});
