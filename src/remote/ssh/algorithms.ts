/**
 * Which algorithms a connection offers: those of ssh2, in the order of the speed that this CPU gives them, cut to what the
 * configuration allows. Lists with `+`, `-` and `^` in front change the defaults: ssh_config(5), Ciphers.
 */
import type { Algorithms } from 'ssh2';
import { matchesPatternList } from './hostPatterns.js';
import type { ResolvedHost } from './resolvedHost.js';

/**
 * With AES in hardware (every x86-64 and ARMv8 that runs VS Code) GCM needs the fewest passes over the data, and AES-128
 * the fewest rounds. ChaCha20-Poly1305 comes last: ssh2 without a compiled part computes it in WebAssembly.
 */
const CIPHERS = [
  'aes128-gcm@openssh.com',
  'aes256-gcm@openssh.com',
  'aes128-ctr',
  'aes192-ctr',
  'aes256-ctr',
  'chacha20-poly1305@openssh.com',
];
const MACS = [
  'hmac-sha2-256-etm@openssh.com',
  'hmac-sha2-512-etm@openssh.com',
  'hmac-sha1-etm@openssh.com',
  'hmac-sha2-256',
  'hmac-sha2-512',
  'hmac-sha1',
];
const KEY_EXCHANGES = [
  'curve25519-sha256',
  'curve25519-sha256@libssh.org',
  'ecdh-sha2-nistp256',
  'ecdh-sha2-nistp384',
  'ecdh-sha2-nistp521',
  'diffie-hellman-group-exchange-sha256',
  'diffie-hellman-group16-sha512',
  'diffie-hellman-group18-sha512',
  'diffie-hellman-group14-sha256',
];
/** Without ssh-rsa, whose signatures are by SHA-1: as OpenSSH since 8.8. `HostKeyAlgorithms +ssh-rsa` brings it back. */
const HOST_KEYS = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
];

/** Not offered, but ssh2 has them for those who ask. */
const ON_DEMAND = {
  ciphers: ['aes256-cbc', 'aes192-cbc', 'aes128-cbc', '3des-cbc'],
  macs: ['hmac-sha1-96', 'hmac-md5'],
  keyExchanges: [
    'diffie-hellman-group14-sha1',
    'diffie-hellman-group-exchange-sha1',
    'diffie-hellman-group1-sha1',
  ],
  hostKeys: ['ssh-rsa', 'ssh-dss'],
};

export interface OfferedAlgorithms {
  readonly offered: Algorithms;
  /** The lists of the configuration that leave nothing which ssh2 has. */
  readonly empty: readonly string[];
}

/** @param knownTypes types of the host's known keys: these are wanted first, as in OpenSSH */
export function algorithmsFor(host: ResolvedHost, knownTypes: readonly string[]): OfferedAlgorithms {
  const ciphers = applyList(CIPHERS, ON_DEMAND.ciphers, host.ciphers);
  const macs = applyList(MACS, ON_DEMAND.macs, host.macs);
  const keyExchanges = applyList(KEY_EXCHANGES, ON_DEMAND.keyExchanges, host.kexAlgorithms);
  const hostKeys = applyList(HOST_KEYS, ON_DEMAND.hostKeys, host.hostKeyAlgorithms);
  const lists = { Ciphers: ciphers, MACs: macs, KexAlgorithms: keyExchanges, HostKeyAlgorithms: hostKeys };
  const isKnown = (algorithm: string) => knownTypes.includes(keyTypeFor(algorithm));
  const offered = {
    kex: keyExchanges,
    cipher: ciphers,
    hmac: macs,
    serverHostKey: [...hostKeys.filter(isKnown), ...hostKeys.filter((each) => !isKnown(each))],
    compress: ['none'],
  } as Algorithms;
  const empty = Object.entries(lists).flatMap(([name, list]) => (list.length === 0 ? [name] : []));
  return { offered, empty };
}

function keyTypeFor(algorithm: string): string {
  return algorithm.startsWith('rsa-sha2-') ? 'ssh-rsa' : algorithm;
}

function applyList(
  offered: readonly string[],
  onDemand: readonly string[],
  setting: string | undefined,
): string[] {
  if (setting === undefined) return [...offered];
  const names = setting.replace(/^[-+^]/, '').split(',');
  const wanted = names.flatMap((name) => [...offered, ...onDemand].filter((each) => each === name));
  switch (setting[0]) {
    case '-':
      return offered.filter((each) => !matchesPatternList(names, each));
    case '+':
      return [...new Set([...offered, ...wanted])];
    case '^':
      return [...new Set([...wanted, ...offered])];
    default:
      return [...new Set(wanted)];
  }
}
