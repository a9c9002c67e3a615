import type { Construct } from 'constructs';
import { join } from 'node:path';
import { acceptWildcards } from './acknowledge.ts';
import type { Entry } from './bundle.ts';
import { clockTargetName } from './clock.ts';
import { EntryFunction } from './lambda.ts';
import type { MainTable } from './table.ts';
import { tableStatements } from './table-access.ts';
import { type Around, grantsFor } from './uses.ts';

/** The functions the rest of the stack wires by name. Any further file at the top of `functions/` becomes one too. */
const WIRED = ['api', 'public', 'relay', 'events', 'letters', 'schedule', 'query', 'webhooks'] as const;
/** The functions workflows call: they come before them, and so cannot use them. */
const WORKERS = ['tasks', 'imports'] as const;
export type Workers = Readonly<Record<(typeof WORKERS)[number], EntryFunction>>;
export type Functions = Readonly<Record<(typeof WIRED)[number], EntryFunction>> &
  Readonly<Record<string, EntryFunction>>;

export type Code = { folder: string; entries: Readonly<Record<string, Entry>> };
type Given = { table: MainTable; logDays: number; around: Omit<Around, 'workflows'> };

export const workerFunctions = (scope: Construct, code: Code, given: Given): Workers =>
  Object.fromEntries(
    WORKERS.map((name) => [
      name,
      entryFunction(scope, name, code, given.table, given.logDays, { ...given.around, workflows: {} }),
    ]),
  ) as Workers;

/** All other entries, each with what its `needs` ask for. */
export function otherFunctions(
  scope: Construct,
  code: Code,
  { table, logDays, around }: Given,
  workflows: Around['workflows'],
): Functions {
  const missing = WIRED.filter((name) => !(name in code.entries));
  if (missing.length > 0) throw new Error(`functions/ lacks ${missing.map((name) => `${name}.ts`).join(', ')}.`);
  const names = Object.keys(code.entries).filter((name) => !WORKERS.some((worker) => worker === name));
  return Object.fromEntries(
    names.map((name) => [name, entryFunction(scope, name, code, table, logDays, { ...around, workflows })]),
  ) as Functions;
}

function entryFunction(
  scope: Construct,
  name: string,
  { folder, entries }: Code,
  table: MainTable,
  logDays: number,
  around: Around,
): EntryFunction {
  const needs = entries[name]?.needs;
  if (needs === undefined)
    throw new Error(`functions/${name}.ts exports no needs: say what it may do (shared/needs.ts).`);
  const { environment, statements, wild } = grantsFor(needs.uses, around);
  const made = new EntryFunction(scope, name.charAt(0).toUpperCase() + name.slice(1), {
    needs,
    folder: join(folder, name),
    environment: { TABLE_NAME: table.tableName, ...environment },
    statements: [...tableStatements(needs, table), ...statements],
    logDays,
    functionName: name === 'schedule' ? clockTargetName : undefined,
  });
  for (const [reason, ...wildcards] of wild) acceptWildcards(made.role, reason, ...wildcards);
  return made;
}
