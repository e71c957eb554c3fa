import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from './support/database.ts';

function listLicences(...lockfiles: string[]) {
  return spawnSync(process.execPath, ['scripts/licences.js', ...lockfiles], { encoding: 'utf8' });
}

/** A lockfile of one package. */
function lockfileOf(name: string, license: string | undefined): string {
  const file = join(temporaryFolder(), 'package-lock.json');
  const packages = {
    '': { name: 'x', license: 'MIT' },
    [`node_modules/a/node_modules/${name}`]: { version: '1.0.0', license },
  };
  writeFileSync(file, JSON.stringify({ packages }));
  return file;
}

describe('the licences of the dependencies', () => {
  test('all fit, and all are listed', () => {
    const { status, stdout, stderr } = listLicences();
    expect(stderr).toBe('');
    expect(status).toBe(0);
    const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'));
    const paths = Object.keys(packages).filter((path) => path !== '');
    const ids = paths.map(
      (path) => `${packages[path].name ?? path.split('node_modules/').at(-1)}@${packages[path].version}`,
    );
    expect(ids.length).toBeGreaterThan(100);
    expect(ids.filter((id) => !stdout.includes(id))).toEqual([]);
  });

  test.each(['MIT', '(MIT OR GPL-3.0-only)', 'GPL-3.0-only OR MIT', '(ISC AND MIT)', 'MIT and ISC', 'MPL-2.0'])(
    'may be %s',
    (license) => {
      expect(listLicences(lockfileOf('left', license)).status).toBe(0);
    },
  );

  test.each([
    'GPL-3.0-only',
    'AGPL-3.0-or-later',
    'MIT AND GPL-3.0-only',
    'MIT OR (ISC AND GPL-3.0-only)',
    'Apache-2.0 WITH something',
    'UNLICENSED',
    'SEE LICENSE IN LICENSE',
    '',
    undefined,
  ])('may not be %s, and the package is named', (license) => {
    const { status, stderr } = listLicences(lockfileOf('left', license));
    expect(status).toBe(1);
    expect(stderr).toContain('left@1.0.0: ');
  });
});

test('Roster itself and all its folders with packages of their own are MIT', () => {
  for (const folder of ['.', 'examples/account-page', 'bench/peers']) {
    expect(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).license, folder).toBe('MIT');
    expect(JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8')).packages[''].license).toBe('MIT');
  }
  expect(readFileSync('LICENSE', 'utf8')).toMatch(/^MIT License\n\nCopyright \(c\) \d{4} the Roster authors\n/);
});
