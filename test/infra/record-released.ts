import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { keptOf } from './released.ts';
import { type Declared, synth } from './synth.ts';

/** `npm run released`: writes down what the template keeps, as the state that later changes are compared with. */
const { template } = await synth();
const kept = keptOf((template.toJSON() as { Resources: Record<string, Declared> }).Resources);
const file = join(import.meta.dirname, 'released.json');
writeFileSync(file, `${JSON.stringify(kept, null, 2)}\n`);
console.log(`${Object.keys(kept).length} resources to keep are written down in ${file}.`);
