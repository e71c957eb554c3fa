#!/usr/bin/env node
// What the program is made of may not even load in an old Node, so that is asked before.
await import(new URL('../scripts/require-node.js', import.meta.url).href);
const [{ runCommand }, { ownTerminal }] = await Promise.all([
  import('./commands/program.ts'),
  import('./commands/terminal.ts'),
]);
await runCommand(process.argv.slice(2), ownTerminal);
