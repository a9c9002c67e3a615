// npm itself may run on an older Node; everything it starts must see Node 24 (node-linux-* brings it).
const major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  console.error(`Sdelka needs Node 24 or newer inside npm scripts; this is ${process.version} at ${process.execPath}.`);
  console.error(
    'On Linux run "npm ci": it installs Node 24 beside the project. On macOS install Node 24; on Windows use WSL.',
  );
  process.exit(1);
}
