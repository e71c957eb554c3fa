import { expect, test } from 'vitest';
import { isLoopback } from '../../src/http/client-address.ts';

test.each([
  ['127.0.0.1', true],
  ['127.255.255.254', true],
  ['::1', true],
  ['::ffff:127.0.0.1', true],
  ['::1234', false],
  ['::1:2', false],
  ['::ffff:10.0.0.1', false],
  ['1.2.7.0', false],
  ['198.51.100.127', false],
  [undefined, false],
])('a connection from %s comes from this machine: %s', (address, expected) => {
  expect(isLoopback(address)).toBe(expected);
});
