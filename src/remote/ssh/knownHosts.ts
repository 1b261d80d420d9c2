/**
 * Host keys that are known: lines `[@marker] hosts type base64 [comment]`, with hosts as patterns, `[host]:port`, or hashed:
 * `|1|salt|HMAC-SHA1(salt, host)` in base64. Source: sshd(8), SSH_KNOWN_HOSTS FILE FORMAT; hostfile.c of OpenSSH.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { Failure, messageOf } from '../../base/errors.js';
import { matchesPatternList } from './hostPatterns.js';

export interface KnownHost {
  readonly marker: 'revoked' | 'cert-authority' | undefined;
  readonly hosts: string;
  /** As the key itself says: `ssh-ed25519`. */
  readonly keyType: string;
  /** In the wire format of RFC 4253, 6.6. */
  readonly key: Buffer;
  readonly path: string;
  readonly line: number;
}

export type HostKeyVerdict =
  | { readonly kind: 'known' | 'unknown' }
  /** Other keys are known for the host (`changed`), or the key is called bad, or only an authority is known. */
  | { readonly kind: 'changed' | 'revoked' | 'authority'; readonly entry: KnownHost };

const MAX_FILE_BYTES = 32 * 1024 * 1024;
const DEFAULT_PORT = 22;

/** The name of a host in known_hosts. */
export function knownHostName(host: string, port: number): string {
  return port === DEFAULT_PORT ? host : `[${host}]:${port}`;
}

/** `SHA256:…`, as ssh-keygen -l prints it. */
export function fingerprintOf(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/** The type that a key in wire format begins with; undefined when it is none. */
export function keyTypeOf(key: Buffer): string | undefined {
  if (key.length < 4) return undefined;
  const length = key.readUInt32BE(0);
  if (length === 0 || length > 64 || key.length < 4 + length) return undefined;
  const type = key.toString('latin1', 4, 4 + length);
  return /^[\x21-\x7e]+$/.test(type) ? type : undefined;
}

/** The entries of files in order; a file that does not exist has none. Failures: `read-failed`, `too-large`. */
export function readKnownHosts(paths: readonly string[]): KnownHost[] {
  return paths.flatMap((path) => parseKnownHosts(textOf(path), path));
}

/** Lines that are no entry are passed over, as in OpenSSH. */
export function parseKnownHosts(text: string, path: string): KnownHost[] {
  const entries: KnownHost[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const words = line.trim().split(/[ \t]+/);
    if (words[0] === '' || words[0]!.startsWith('#')) continue;
    const markerText = words[0]!.startsWith('@') ? words.shift() : undefined;
    const marker =
      markerText === '@revoked' || markerText === '@cert-authority' ? markerText.slice(1) : undefined;
    if (markerText !== undefined && marker === undefined) continue;
    const [hosts, type, base64] = words;
    if (hosts === undefined || type === undefined || base64 === undefined) continue;
    const key = Buffer.from(base64, 'base64');
    if (keyTypeOf(key) !== type || !/^[A-Za-z0-9+/]+=*$/.test(base64)) continue;
    entries.push({ marker: marker as KnownHost['marker'], hosts, keyType: type, key, path, line: index + 1 });
  }
  return entries;
}

/** @param name as `knownHostName` makes it */
export function isForHost({ hosts }: KnownHost, name: string): boolean {
  const lowerName = name.toLowerCase();
  if (!hosts.startsWith('|')) return matchesPatternList(hosts.toLowerCase().split(','), lowerName);
  const [, version, salt, hash] = hosts.split('|');
  if (version !== '1' || salt === undefined || hash === undefined) return false;
  const wanted = Buffer.from(hash, 'base64');
  const found = createHmac('sha1', Buffer.from(salt, 'base64')).update(lowerName).digest();
  return wanted.length === found.length && timingSafeEqual(wanted, found);
}

/** What the entries say about the key that a server showed. A revocation counts more than anything else. */
export function judgeHostKey(
  entries: readonly KnownHost[],
  host: string,
  port: number,
  key: Buffer,
): HostKeyVerdict {
  const verdict = judgeName(entries, knownHostName(host, port), key);
  if (verdict.kind !== 'unknown' || port === DEFAULT_PORT) return verdict;
  // As in OpenSSH, a key known for the host itself is good on another port too; an other key there says nothing.
  const withoutPort = judgeName(entries, host, key);
  return withoutPort.kind === 'known' || withoutPort.kind === 'revoked' ? withoutPort : verdict;
}

function judgeName(entries: readonly KnownHost[], name: string, key: Buffer): HostKeyVerdict {
  const about = entries.filter((entry) => isForHost(entry, name));
  const same = about.filter((entry) => entry.key.equals(key));
  const revoked = same.find((entry) => entry.marker === 'revoked');
  if (revoked !== undefined) return { kind: 'revoked', entry: revoked };
  if (same.some((entry) => entry.marker === undefined)) return { kind: 'known' };
  const others = about.filter((entry) => entry.marker === undefined);
  // The entry of the same type is the one that was replaced.
  const type = keyTypeOf(key);
  const changed = others.find((entry) => entry.keyType === type) ?? others[0];
  if (changed !== undefined) return { kind: 'changed', entry: changed };
  const authority = about.find((entry) => entry.marker === 'cert-authority');
  return authority === undefined ? { kind: 'unknown' } : { kind: 'authority', entry: authority };
}

/** The types of the keys that are known for a host, each once. */
export function knownKeyTypes(entries: readonly KnownHost[], host: string, port: number): string[] {
  const name = knownHostName(host, port);
  const types = (wanted: string) =>
    entries
      .filter((entry) => entry.marker === undefined && isForHost(entry, wanted))
      .map((entry) => entry.keyType);
  const found = types(name);
  return [...new Set(found.length > 0 || port === DEFAULT_PORT ? found : types(host))];
}

function textOf(path: string): string {
  try {
    const { size } = statSync(path);
    if (size > MAX_FILE_BYTES) {
      throw new Failure(
        'too-large',
        `The known host keys in ${path} are larger than ${MAX_FILE_BYTES} bytes.`,
      );
    }
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return '';
    if (error instanceof Failure) throw error;
    throw new Failure('read-failed', `The known host keys in ${path} cannot be read: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
