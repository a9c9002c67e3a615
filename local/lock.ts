import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Takes the data folder for this process, making it if needed; answers how to let it go.
 * The lock of a process that is gone, killed for instance, is taken over.
 * @throws Error in one sentence when the folder cannot be written, or another cloud runs in it
 */
export function lockFolder(dir: string): () => void {
  const path = join(dir, 'cloud.lock');
  const own = { pid: process.pid, started: startOf(process.pid) };
  makeFolder(dir);
  for (;;) {
    try {
      writeFileSync(path, JSON.stringify(own), { flag: 'wx' });
      return () => rmSync(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw unusable(dir, error);
    }
    const holder = holderOf(path);
    if (holder !== undefined)
      throw new Error(
        `Another local cloud (process ${holder}) runs on the data folder ${dir}: stop it, or choose another with --data.`,
      );
    rmSync(path, { force: true });
  }
}

function makeFolder(dir: string): void {
  try {
    mkdirSync(dir, { recursive: true });
  } catch (error) {
    throw unusable(dir, error);
  }
}

function unusable(dir: string, error: unknown): Error {
  const why = error instanceof Error ? error.message : String(error);
  return new Error(`The data folder ${dir} cannot be used: ${why}.`, { cause: error });
}

/** The process that holds a lock, if it still runs. */
function holderOf(path: string): number | undefined {
  try {
    const { pid, started } = JSON.parse(readFileSync(path, 'utf8')) as { pid: number; started?: string };
    process.kill(pid, 0);
    return started === startOf(pid) ? pid : undefined;
  } catch (error) {
    // EPERM: it is there and belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? 0 : undefined;
  }
}

/** When a process started, where the system tells: a number may have gone to another process since. */
function startOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').pop()?.split(' ')[19];
  } catch {
    return undefined;
  }
}
