import { transact } from './transact.ts';
import { putItem, type Write } from './write.ts';

/** Writes an item that no event tells of, if it is not there yet. */
export async function putOnce(write: Write): Promise<boolean> {
  return (await transact([putItem(write.put)])) === 'done';
}
