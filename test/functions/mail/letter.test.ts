import { expect, it } from 'vitest';
import { letterId, SHARD_NAMES, shardOf } from '#functions/mail/letter.ts';

it('names the same letter to the same reader for the same cause the same', () => {
  expect(letterId('welcome', 'lead_1', 'a@x.example')).toBe(letterId('welcome', 'lead_1', 'a@x.example'));
  expect(letterId('welcome', 'lead_1', 'a@x.example')).toMatch(/^letter_[0-9a-f]{32}$/);
});

it('names letters that differ in purpose, cause or reader differently, wherever the boundary lies', () => {
  const ids = [
    letterId('welcome', 'lead_1', 'a@x.example'),
    letterId('welcome', 'lead_2', 'a@x.example'),
    letterId('welcome', 'lead_1', 'b@x.example'),
    letterId('won', 'lead_1', 'a@x.example'),
    letterId('welcomel', 'ead_1', 'a@x.example'),
    letterId('welcome","lead_1', '', 'a@x.example'),
  ];
  expect(new Set(ids).size).toBe(ids.length);
});

it('spreads letters over every shard that the sender looks into, and no other', () => {
  const shards = Array.from({ length: 200 }, (_, at) => shardOf(letterId('welcome', String(at), 'a@x.example')));
  expect([...new Set(shards)].toSorted()).toEqual(SHARD_NAMES);
});
