import { readFileSync } from 'node:fs';

// Esbuild, oxlint and others bring one optional package per platform. A lock file written where the registry did not have
// all of them lacks some, and `npm ci` on another platform refuses or leaves the tool without its program.
const file = process.argv[2] ?? 'package-lock.json';
const { packages } = JSON.parse(readFileSync(file, 'utf8'));
const present = new Set(Object.keys(packages).map((path) => path.replace(/^.*node_modules\//, '')));
const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
  Object.keys(optionalDependencies)
    .filter((name) => !present.has(name))
    .map((name) => `${name} (of ${path.replace(/^.*node_modules\//, '') || 'this project'})`),
);
if (missing.length > 0) {
  console.error(`${file} lacks ${missing.length} optional packages, so npm ci fails on other platforms:`);
  for (const one of missing) console.error(`  ${one}`);
  console.error(
    'Remove node_modules and the lock file, run npm install with all of them in reach, and commit the lock.',
  );
  process.exit(1);
}
