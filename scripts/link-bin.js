// Lets `npx roster` find the command line of this checkout. Anywhere else it would be a stranger's package.
import { chmodSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';

mkdirSync('node_modules/.bin', { recursive: true });
rmSync('node_modules/.bin/roster', { force: true });
chmodSync('dist/main.js', 0o755);
symlinkSync('../../dist/main.js', 'node_modules/.bin/roster');
