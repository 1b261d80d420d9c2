import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { matchesPattern, matchesPatternList } from '../../../../src/remote/ssh/hostPatterns.js';
import {
  fingerprintOf,
  isForHost,
  judgeHostKey,
  keyTypeOf,
  knownKeyTypes,
  parseKnownHosts,
} from '../../../../src/remote/ssh/knownHosts.js';

/** A key in wire format: its type, and bytes that are no more than different. */
function wireKey(type: string, seed: number): Buffer {
  const part = (bytes: Buffer) => Buffer.concat([Buffer.from([0, 0, 0, bytes.length]), bytes]);
  return Buffer.concat([part(Buffer.from(type)), part(Buffer.alloc(32, seed))]);
}
const ED1 = wireKey('ssh-ed25519', 1);
const ED2 = wireKey('ssh-ed25519', 2);
const RSA = wireKey('ssh-rsa', 3);
const line = (hosts: string, key: Buffer, marker = '') =>
  `${marker}${hosts} ${keyTypeOf(key)!} ${key.toString('base64')} comment words\n`;

describe('patterns', () => {
  test.each([
    ['*', '', true],
    ['a*c', 'abbc', true],
    ['a*c', 'abcd', false],
    ['?', 'a', true],
    ['?', '', false],
    ['a.c', 'abc', false],
    ['*a*b*', 'xxaxxbxx', true],
    ['[a]', 'a', false],
    ['a', 'A', false],
  ])('%s for %s: %s', (pattern, text, matches) => {
    expect(matchesPattern(pattern, text)).toBe(matches);
  });

  test('negation counts wherever it stands; alone it stands for nothing', () => {
    expect(matchesPatternList(['*', '!a'], 'a')).toBe(false);
    expect(matchesPatternList(['!a', '*'], 'b')).toBe(true);
    expect(matchesPatternList(['!a'], 'b')).toBe(false);
  });

  test('a hostile pattern costs no exponential time', () => {
    expect(matchesPattern(`${'*a'.repeat(500)}b`, 'a'.repeat(5000))).toBe(false);
  });
});

describe('entries', () => {
  test('lines that are none are passed over, and the numbers of lines stay right', () => {
    const text = `# comment\n\nhost\nhost ssh-rsa\nhost ssh-rsa !!!\nhost ssh-rsa ${ED1.toString('base64')}\n@odd ${line('h', ED1)}  ${line('h', ED1)}\r\n`;
    expect(parseKnownHosts(text, 'f')).toEqual([
      { marker: undefined, hosts: 'h', keyType: 'ssh-ed25519', key: ED1, path: 'f', line: 8 },
    ]);
  });

  test('a hashed name', () => {
    const salt = Buffer.alloc(20, 7);
    const hash = createHmac('sha1', salt).update('[lab]:2222').digest('base64');
    const [entry] = parseKnownHosts(line(`|1|${salt.toString('base64')}|${hash}`, ED1), 'f');
    expect(isForHost(entry!, '[LAB]:2222')).toBe(true);
    expect(isForHost(entry!, 'lab')).toBe(false);
    for (const broken of ['|1|x', '|2|a|b', '|1||', '|']) {
      expect(isForHost({ ...entry!, hosts: broken }, 'lab')).toBe(false);
    }
  });
});

describe('verdicts', () => {
  const judge = (text: string, key: Buffer, host = 'lab', port = 22) =>
    judgeHostKey(parseKnownHosts(text, 'f'), host, port, key);

  test('known by any of several keys; changed names the key of the same type', () => {
    const text = line('lab', RSA) + line('lab', ED1);
    expect(judge(text, ED1).kind).toBe('known');
    expect(judge(text, RSA).kind).toBe('known');
    expect(judge(text, ED2)).toMatchObject({ kind: 'changed', entry: { line: 2 } });
    expect(judge(line('lab', RSA), ED1)).toMatchObject({ kind: 'changed', entry: { line: 1 } });
    expect(judge(line('other', ED1), ED1).kind).toBe('unknown');
  });

  test('a revocation counts more than anything, but only for its key and host', () => {
    const text = line('lab', ED1) + line('*', ED1, '@revoked ') + line('far', ED2, '@revoked ');
    expect(judge(text, ED1)).toMatchObject({ kind: 'revoked', entry: { line: 2 } });
    expect(judge(line('lab', ED2) + line('far', ED2, '@revoked '), ED2).kind).toBe('known');
  });

  test('an authority counts when nothing else is known', () => {
    const authority = line('*.example', ED1, '@cert-authority ');
    expect(judge(authority, ED2, 'a.example')).toMatchObject({ kind: 'authority' });
    expect(judge(authority, ED2, 'a.other').kind).toBe('unknown');
    expect(judge(authority + line('a.example', ED2), ED2, 'a.example').kind).toBe('known');
    expect(judge(authority, ED1, 'a.example').kind).toBe('authority');
  });

  test('ports: a key of the host itself is good on another port, but says nothing against another key', () => {
    expect(judge(line('lab', ED1), ED1, 'lab', 2222).kind).toBe('known');
    expect(judge(line('lab', ED1), ED2, 'lab', 2222).kind).toBe('unknown');
    expect(judge(line('[lab]:2222', ED1), ED1, 'lab').kind).toBe('unknown');
    expect(judge(line('[lab]:2222', ED1), ED2, 'lab', 2222).kind).toBe('changed');
    expect(judge(line('lab', ED1, '@revoked '), ED1, 'lab', 2222).kind).toBe('revoked');
  });

  test('the types to ask for', () => {
    const entries = parseKnownHosts(
      line('lab', RSA) + line('lab', ED1, '@revoked ') + line('[lab]:22', ED2),
      'f',
    );
    expect(knownKeyTypes(entries, 'lab', 22)).toEqual(['ssh-rsa']);
    expect(knownKeyTypes(entries, 'lab', 2222)).toEqual(['ssh-rsa']);
    expect(knownKeyTypes(entries, 'other', 22)).toEqual([]);
  });
});

test('keys that are none have no type; a fingerprint has no padding', () => {
  expect(
    [Buffer.alloc(0), Buffer.alloc(3), Buffer.from([255, 255, 255, 255, 1]), Buffer.alloc(8)].map(keyTypeOf),
  ).toEqual(Array(4).fill(undefined));
  expect(fingerprintOf(ED1)).toMatch(/^SHA256:[A-Za-z0-9+/]{43}$/);
});
