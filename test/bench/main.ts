import { start } from './installation.ts';
import { importRows } from './import.ts';
import { readCopy } from './read-copy.ts';
import { print, type Row } from './report.ts';
import { benchForm, cold, feedLag, lists, memory, posts, workList } from './sections.ts';
import { units } from './units.ts';

/** Measures the goals of speed and cost against a local cloud on disk, in a process of its own. Alone on the machine only. */
const rows: Row[] = readCopy();
const installation = await start();
try {
  await new Promise((resolve) => setTimeout(resolve, 5000));
  rows.push(...memory(installation));
  await benchForm(installation);
  rows.push(...(await units(installation)), ...(await cold(installation)));
  rows.push(...(await feedLag(installation)), ...(await posts(installation)), ...(await workList(installation)));
  rows.push(...(await lists(installation)), ...(await importRows(installation)));
} finally {
  print(rows);
  await installation.stop();
}
if (rows.some(({ held }) => held === false)) process.exitCode = 1;
