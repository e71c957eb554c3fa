// One process with all attackers: it is started with a target, as JSON, and seconds, and prints what came of each part.
import { attack } from './parts.ts';
import type { Target } from './target.ts';

const [target, seconds] = process.argv.slice(2) as [string, string];
console.log(JSON.stringify(await attack(JSON.parse(target) as Target, Number(seconds))));
process.exit(); // connections that nobody reads from are left
