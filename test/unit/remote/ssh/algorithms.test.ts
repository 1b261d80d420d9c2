import { expect, test } from 'vitest';
import { algorithmsFor } from '../../../../src/remote/ssh/algorithms.js';
import { resolveHost } from '../../../../src/remote/ssh/configuredHosts.js';
import type { ResolvedHost } from '../../../../src/remote/ssh/resolvedHost.js';

const host = resolveHost('lab', { configFile: '/dev/null' });
const offered = (changes: Partial<ResolvedHost>, known: string[] = []) =>
  algorithmsFor({ ...host, ...changes }, known).offered as Record<string, string[]>;

test('the fastest cipher comes first, SHA-1 does not vouch for a host', () => {
  expect(offered({})['cipher']![0]).toBe('aes128-gcm@openssh.com');
  expect(offered({})['serverHostKey']).not.toContain('ssh-rsa');
  expect(offered({})['compress']).toEqual(['none']);
});

test('known types come first', () => {
  expect(offered({}, ['ssh-rsa'])['serverHostKey']!.slice(0, 3)).toEqual([
    'rsa-sha2-512',
    'rsa-sha2-256',
    'ssh-ed25519',
  ]);
});

test('lists add, remove, put first, replace', () => {
  expect(offered({ ciphers: 'aes256-ctr,unknown,aes128-ctr' })['cipher']).toEqual([
    'aes256-ctr',
    'aes128-ctr',
  ]);
  expect(offered({ ciphers: '-aes*-gcm@*,chacha20*' })['cipher']).toEqual([
    'aes128-ctr',
    'aes192-ctr',
    'aes256-ctr',
  ]);
  expect(offered({ ciphers: '^chacha20-poly1305@openssh.com' })['cipher']![0]).toBe(
    'chacha20-poly1305@openssh.com',
  );
  expect(offered({ hostKeyAlgorithms: '+ssh-rsa' })['serverHostKey']!.at(-1)).toBe('ssh-rsa');
});

test('a list that leaves nothing is named', () => {
  expect(
    algorithmsFor({ ...host, macs: 'umac-64@openssh.com', kexAlgorithms: 'sntrup761x25519-sha512' }, [])
      .empty,
  ).toEqual(['MACs', 'KexAlgorithms']);
});
