import { closeSync, openSync, renameSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Log } from './contract.ts';

const LARGEST = 20 * 1024 * 1024;

/** Everything the services say, a JSON object a line, in `cloud.log`; `show` gets what a person should see at once. */
export function openLog(dir: string, show: (line: string) => void): { log: Log; close(): void } {
  const path = join(dir, 'cloud.log');
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > LARGEST) renameSync(path, `${path}.1`);
  const file = openSync(path, 'a');
  let open = true;
  return {
    log: (entry) => {
      if (open) writeSync(file, `${JSON.stringify({ time: new Date().toISOString(), ...entry })}\n`);
      const { level, message, function: fn } = entry;
      if (level === 'ERROR') show([fn, message].filter(Boolean).map(String).join(': '));
    },
    close: () => {
      open = false;
      closeSync(file);
    },
  };
}
