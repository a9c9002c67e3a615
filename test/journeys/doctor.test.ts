import { afterAll, beforeAll, expect, it } from 'vitest';
import { addressFindings } from '#local/doctor/address.ts';
import type { Finding } from '#local/doctor/finding.ts';
import { journeyFindings } from '#local/doctor/journey.ts';
import { openJourney, unique } from '#test/support/journey.ts';
import { newForm } from '#test/support/steps.ts';

let journey: Awaited<ReturnType<typeof openJourney>>;
beforeAll(async () => {
  journey = await openJourney();
});
afterAll(() => journey.stop());

const play = async (form: string): Promise<Finding[]> => {
  const { visitor, head: person } = journey;
  const findings: Finding[] = [];
  for await (const one of journeyFindings({ visitor, person, form, stamp: unique('test') })) findings.push(one);
  return findings;
};
const wrong = (findings: Finding[]): string[] =>
  findings.filter(({ state }) => state === 'fail').map(({ what }) => what);

it('The doctor finds the local cloud in good health, and leaves nothing open behind', async () => {
  const findings = await play('site');
  expect(wrong([...findings, ...(await addressFindings(journey.visitor, journey.url))])).toEqual([]);
  expect(findings.map(({ what }) => what.replaceAll(/[\d.]+ s$/g, '…'))).toEqual([
    'journey: a sent form is taken',
    'journey: it is a lead after …',
    'journey: its letter to the simulator is delivered after …',
    'journey: a sent form is taken',
    'journey: it is a lead after …',
    'journey: its letter to the simulator is bounced after …',
    'journey: search finds it by a part of its address',
    'journey: the lead becomes a client and a deal',
    'journey: the workflow runs and has written to the approver',
    'journey: other terms void the approval',
    'journey: the deal is closed as lost',
  ]);
});

it('It says what is wrong: a form that is not there, a letter whose template is not', async () => {
  expect(wrong(await play('nothing'))).toEqual(['journey: there is no form nothing']);
  const form = await newForm(journey, { welcome: 'nothing-of-the-kind' });
  expect(wrong(await play(form)).join('\n')).toMatch(/the letter was not sent: .*nothing-of-the-kind/);
});
