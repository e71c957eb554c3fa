// count-tests.js FOLDER [FAILED STEP…]: FOLDER holds vitest's results as "<step>.json". Prints what passed and failed in each, and
// the sum as the last line. A file of tests that could not be loaded has failed once, as has a failed step without a failed test.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const [folder, ...failedSteps] = process.argv.slice(2);

function count(file) {
  try {
    const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(file, 'utf8'));
    const notLoaded = testResults.filter(
      (result) => result.status === 'failed' && result.assertionResults.length === 0,
    );
    return { passed: numPassedTests, failed: numFailedTests + notLoaded.length };
  } catch {
    return { passed: 0, failed: 0 }; // the run ended before it could write; its step has failed
  }
}

const runs = new Map(readdirSync(folder).map((name) => [basename(name, '.json'), count(join(folder, name))]));
for (const step of failedSteps) {
  const run = runs.get(step);
  if (!run?.failed) runs.set(step, { passed: run?.passed ?? 0, failed: 1 });
}
for (const [step, { passed, failed }] of runs) console.log(`${step}: ${passed} passed, ${failed} failed`);
const sum = (key) => [...runs.values()].reduce((total, run) => total + run[key], 0);
console.log(`${sum('passed')} passed, ${sum('failed')} failed`);
process.exitCode = sum('failed') === 0 ? 0 : 1;
