// Ends with one sentence where Node is too old for Roster. An old Node has to understand this file, and all that it imports.
import { readFileSync } from 'node:fs';

const { engines } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const needed = engines.node.slice('>='.length);
const [neededMajor, neededMinor] = needed.split('.').map(Number);
const [major, minor] = process.versions.node.split('.').map(Number);

if (major < neededMajor || (major === neededMajor && minor < neededMinor)) {
  process.stderr.write(
    `Roster needs Node ${needed} or newer, and this is Node ${process.versions.node}. Install a newer one, then run "npm ci" again.\n`,
  );
  process.exit(1);
}
