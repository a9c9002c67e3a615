import { join } from 'node:path';
import { build } from 'esbuild';

const ROOT = join(import.meta.dirname, '..');

/** Largest size of the minified script in bytes: it is on pages whose visitors came for something else. */
const FORM_BUDGET = 5000;

/** What other people's pages load: the form, and what tells of visits. */
export const SCRIPTS = ['form', 'visit'] as const;

/**
 * Bundles a script for other people's pages to `file`, for browsers of 2023 and later. Answers its size in bytes.
 * @throws Error when it is over its budget
 */
export async function formScript(file: string, name: (typeof SCRIPTS)[number] = 'form'): Promise<number> {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: [`web/lead-form/${name}.ts`],
    outfile: file,
    bundle: true,
    platform: 'browser',
    target: 'es2022',
    format: 'iife',
    charset: 'utf8',
    minify: true,
    metafile: true,
  });
  const bytes = Object.values(metafile.outputs).reduce((sum, output) => sum + output.bytes, 0);
  if (bytes > FORM_BUDGET)
    throw new Error(
      `The script ${name}.js has ${bytes} bytes, over its budget of ${FORM_BUDGET} in infra/form-script.ts.`,
    );
  return bytes;
}
