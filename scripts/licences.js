// licences.js [LOCKFILE…]: lists the licence of every package that the lockfiles name, those of other platforms included, and ends
// with 1 when one does not fit. A package that is new, or has changed its licence, is so noticed with the commit that brings it.
// Not bench/peers: those are other products, installed to be measured, and no part of Roster depends on them.
import { readFileSync } from 'node:fs';

const permissive = '0BSD Apache-2.0 BSD-2-Clause BSD-3-Clause BlueOak-1.0.0 ISC MIT MIT-0 Python-2.0 Unlicense';
/** These bind whoever changes the files themselves or passes them on. Roster does neither: npm fetches them as they are. */
const boundToTheirFiles = 'CC-BY-4.0 EPL-2.0 MPL-2.0';
const fitting = new Set(`${permissive} ${boundToTheirFiles}`.split(' '));

/** Packages that state no licence in their package.json; it was read in the file beside it. */
const readInTheirFiles = { 'seq-queue@0.0.5': 'MIT' };

const lockfiles =
  process.argv.length > 2 ? process.argv.slice(2) : ['package-lock.json', 'examples/account-page/package-lock.json'];

function packagesOf(lockfile) {
  const entries = Object.entries(JSON.parse(readFileSync(lockfile, 'utf8')).packages);
  return entries
    .filter(([path, { link }]) => path.includes('node_modules/') && !link)
    .map(([path, { name, version, license }]) => {
      const id = `${name ?? path.split('node_modules/').at(-1)}@${version}`;
      return { id, licence: license ?? readInTheirFiles[id] ?? 'none stated' };
    });
}

/** An SPDX expression. Of alternatives one must fit; where anything is joined by AND, all must. */
function fits(expression) {
  const licences = expression.replace(/[()]/g, '').split(/ (?:and|or) /i);
  const isFitting = (licence) => fitting.has(licence.trim());
  return / and /i.test(expression) ? licences.every(isFitting) : licences.some(isFitting);
}

const licenceOf = new Map(lockfiles.flatMap(packagesOf).map(({ id, licence }) => [id, licence]));
const ids = [...licenceOf.keys()].sort();
for (const licence of [...new Set(licenceOf.values())].sort()) {
  const those = ids.filter((id) => licenceOf.get(id) === licence);
  console.log(`${licence} (${those.length}): ${those.join(', ')}`);
}

const unfit = ids.filter((id) => !fits(licenceOf.get(id)));
for (const id of unfit) console.error(`${id}: ${licenceOf.get(id)} is none of ${[...fitting].join(', ')}`);
process.exitCode = unfit.length === 0 ? 0 : 1;
