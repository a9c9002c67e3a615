import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Stack, Validations } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { AwsSolutionsChecks } from 'cdk-nag';
import { expect, it } from 'vitest';
import { expectCount, fresh, synth, SYNTH_MS } from './synth.ts';

it(
  'cdk-nag finds nothing that is not acknowledged with its reason, console upload included',
  async () => {
    const consoleFolder = fresh();
    writeFileSync(join(consoleFolder, 'index.html'), '<!doctype html>');
    const { template } = await synth({ nag: true, consoleFolder });
    expectCount(template, 'AWS::DynamoDB::GlobalTable', 1);
  },
  SYNTH_MS,
);

it('cdk-nag does look: a careless bucket stops the synthesis', () => {
  const app = new App();
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  const careless = new Bucket(new Stack(app, 'Careless'), 'Bucket');
  expect(() => app.synth()).toThrow('AwsSolutions-S10');
  Validations.of(careless).acknowledge(
    ...['S1', 'S10'].map((rule) => ({ id: `AwsSolutions-${rule}`, reason: 'a test' })),
  );
  expect(() => app.synth({ force: true })).not.toThrow();
});
