import { expect, test } from 'vitest';
import { formatDestination, parseDestination, parsePort } from '../../../../src/remote/ssh/destination.js';

test.each([
  ['host', undefined, 'host', undefined],
  [' me@host.example ', 'me', 'host.example', undefined],
  ['me@host:2222', 'me', 'host', 2222],
  ['ssh://me@host:22/', 'me', 'host', 22],
  ['a@b@host', 'a@b', 'host', undefined],
  ['[::1]:22', undefined, '::1', 22],
  ['me@[fe80::1%eth0]', 'me', 'fe80::1%eth0', undefined],
  ['fe80::1', undefined, 'fe80::1', undefined],
  ['DOMAIN\\me@host', 'DOMAIN\\me', 'host', undefined],
])('%s', (text, user, host, port) => {
  expect(parseDestination(text)).toEqual({ user, host, port });
});

test.each(['', '@host', 'me@', 'host:0', 'host:65536', 'host:x', 'host:', '-oProxyCommand=x', '-x@host'])(
  '"%s" is refused',
  (text) => {
    expect(() => parseDestination(text)).toThrow(/is not a machine/);
  },
);

test.each(['a b', 'a;b', '$(id)', 'a`b`', 'a"b', "a'b", 'a\u001b[2J', 'a\nb', 'a|b', 'me@a/b', 'x$y@host'])(
  'what a shell or a terminal takes differently is refused: %j',
  (text) => {
    expect(() => parseDestination(text)).toThrow(/is not a machine/);
    expect(() => parseDestination(text)).not.toThrow('\u001b');
  },
);

test('what is printed is read back', () => {
  for (const text of ['host', 'me@host:2222', '[::1]:22', 'me@[::1]:2222', 'me@::1']) {
    expect(formatDestination(parseDestination(text))).toBe(text);
  }
});

test('ports', () => {
  expect(['1', '65535', '0', '65536', '-1', '1e3', ' 1', ''].map(parsePort)).toEqual([
    1,
    65535,
    ...Array<undefined>(6).fill(undefined),
  ]);
});
