import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { bundle, entryNames } from './bundle.ts';
import { FLAGS, readContext } from './context.ts';
import { Sdelka } from './stack.ts';

/** Synthesizes the stack; `npx cdk` runs this, and so does `node infra/app.ts` with CDK_OUTDIR. */
const root = join(import.meta.dirname, '..');
const app = new App({ analyticsReporting: false, context: FLAGS });
const context = readContext(app.node.getAllContext() as Record<string, unknown>);
const folder = join(root, '.build');
new Sdelka(app, context.stage === 'prod' ? 'Sdelka' : `Sdelka-${context.stage}`, {
  context,
  code: { folder, entries: await bundle(folder, entryNames()) },
  workflowFolder: join(root, 'workflows'),
  consoleFolder: join(root, 'web', 'dist'),
});
app.synth();
