import { describe, expect, test } from 'vitest';
import { createSecrets, Unsealable } from '../../src/secrets/secrets.ts';

const secrets = createSecrets('a secret of at least thirty-two characters');
const others = createSecrets('another secret of thirty-two characters');

describe('what is sealed', () => {
  test('opens with the secret, its purpose and its id, and with no other of them', () => {
    const sealed = secrets.sealSecret('codes', 'id_1', '123456');
    expect(secrets.openSecret('codes', 'id_1', sealed).toString()).toBe('123456');
    expect(() => secrets.openSecret('codes', 'id_2', sealed)).toThrow(Unsealable);
    expect(() => secrets.openSecret('mail parameters', 'id_1', sealed)).toThrow(Unsealable);
    expect(() => others.openSecret('codes', 'id_1', sealed)).toThrow(Unsealable);
  });

  test('shows nothing of what it holds, and never twice the same', () => {
    const sealed = [1, 2].map(() => secrets.sealSecret('codes', 'id_1', 'what is secret'));
    expect(sealed[0]).not.toBe(sealed[1]);
    expect(Buffer.from(String(sealed[0]), 'base64url').includes('secret')).toBe(false);
  });

  test.each(['', 'AAAA', 'not base64url: ü', 'A'.repeat(200)])('is refused where it is %j', (sealed) => {
    expect(() => secrets.openSecret('codes', 'id_1', sealed)).toThrow(Unsealable);
  });

  test('is refused where a single bit of it was changed', () => {
    const sealed = Buffer.from(secrets.sealSecret('codes', 'id_1', '123456'), 'base64url');
    for (let at = 0; at < sealed.length; at += 1) {
      const changed = Buffer.from(sealed);
      changed[at] = (changed[at] as number) ^ 1;
      expect(() => secrets.openSecret('codes', 'id_1', changed.toString('base64url')), String(at)).toThrow(Unsealable);
    }
  });

  test('of a database from before still opens', () => {
    // Made by the release before sealing had purposes.
    const stored = 'OUkUNUW4qHjzslVC-VgvpfLtuvQQH9UrFCGha0pHAC_LjaLu3SWYom4';
    expect(secrets.openSecret('signing keys', 'kid', stored).toString()).toBe('a private key');
  });
});

describe('an HMAC', () => {
  test('depends on the secret, the purpose, every part, and where the parts end', () => {
    const known = [
      secrets.hmacOf('codes', 'a', 'b'),
      others.hmacOf('codes', 'a', 'b'),
      secrets.hmacOf('mail address', 'a', 'b'),
      secrets.hmacOf('codes', 'ab', ''),
      secrets.hmacOf('codes', '', 'ab'),
      secrets.hmacOf('codes', 'ab'),
      secrets.hmacOf('codes', '1:a1:b'),
      secrets.hmacOf('codes', 'b', 'a'),
    ];
    expect(new Set(known).size).toBe(known.length);
    expect(secrets.hmacOf('codes', 'a', 'b')).toBe(known[0]);
  });
});
