/**
 * Key files. What a private key file says without its passphrase is its public key: `openssh-key-v1\0`, then cipher, key
 * derivation, its options, the number of keys and the public key, each with its length in front.
 * Source: PROTOCOL.key of OpenSSH.
 */
import { readFileSync, statSync } from 'node:fs';
import { utils, type ParsedKey } from 'ssh2';
import { printableText } from '../printableText.js';
import { keyTypeOf } from './knownHosts.js';

export interface KeyFile {
  readonly path: string;
  /** In wire format; undefined when only the passphrase reveals it. */
  readonly publicKey: Buffer | undefined;
  /** Undefined when only the public key is here: an agent has the other half. */
  readonly privateText: string | undefined;
  readonly isEncrypted: boolean;
}

/** Why a file is not used; for messages. */
export interface UnusableKey {
  readonly path: string;
  readonly why: string;
  readonly isMissing: boolean;
}

const MAX_KEY_BYTES = 256 * 1024;

export function readKeyFile(path: string, localUid: number): KeyFile | UnusableKey {
  const unusable = (why: string, isMissing = false): UnusableKey => ({ path, why, isMissing });
  let text: string | undefined;
  let privateMode = 0;
  try {
    text = readSmall(path);
    const { mode, uid } = statSync(path);
    privateMode = uid === localUid ? mode & 0o077 : 0;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return unusable('it cannot be read');
  }
  const beside = publicKeyOf(readOrNothing(`${path}.pub`));
  if (text === undefined) {
    if (beside === undefined) return unusable('there is no such file', true);
    return { path, publicKey: beside, privateText: undefined, isEncrypted: false };
  }
  const itself = publicKeyOf(text);
  if (itself !== undefined) return { path, publicKey: itself, privateText: undefined, isEncrypted: false };
  if (privateMode !== 0) return unusable(`others may read it (chmod 600 ${path})`);
  const inside = publicHalf(text);
  const parsed = parsePrivate(text);
  if (parsed === undefined && inside === undefined && !isEncrypted(text)) {
    return unusable('it is not a private key that can be read');
  }
  return {
    path,
    publicKey: inside ?? parsed?.getPublicSSH() ?? beside,
    privateText: text,
    isEncrypted: parsed === undefined,
  };
}

/** The private key; undefined when the passphrase is missing or wrong, or when the type is none that ssh2 can use. */
export function parsePrivate(text: string, passphrase?: string): ParsedKey | undefined {
  try {
    // A list for the newer format, which the types do not say.
    const parsed = utils.parseKey(text, passphrase) as ParsedKey | Error | readonly ParsedKey[];
    const key = 'length' in parsed ? parsed[0] : parsed;
    return key === undefined || key instanceof Error || !key.isPrivateKey() ? undefined : key;
  } catch {
    return undefined; // Decryption with a wrong passphrase may throw.
  }
}

/** Types that only the system's ssh handles: certificates and keys on security keys. */
export function needsSystemSsh(type: string): boolean {
  return type.startsWith('sk-') || type.includes('-cert-v');
}

function readOrNothing(path: string): string {
  try {
    return readSmall(path);
  } catch {
    return '';
  }
}

function readSmall(path: string): string {
  const { size } = statSync(path);
  if (size > MAX_KEY_BYTES) throw new Error(`${printableText(path, 200)} is too large for a key.`);
  return readFileSync(path, 'utf8');
}

/** The key of a line `type base64 comment`. */
function publicKeyOf(text: string): Buffer | undefined {
  const [type, base64] = text.trim().split(/\s+/, 2);
  const key = Buffer.from(base64 ?? '', 'base64');
  return type !== undefined && keyTypeOf(key) === type ? key : undefined;
}

function isEncrypted(text: string): boolean {
  return /^Proc-Type: 4,ENCRYPTED|^-----BEGIN ENCRYPTED PRIVATE KEY-----/m.test(text);
}

function publicHalf(text: string): Buffer | undefined {
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]+?)-----END/.exec(text)?.[1];
  if (body === undefined) return undefined;
  const bytes = Buffer.from(body, 'base64');
  const magic = 'openssh-key-v1\0';
  if (bytes.toString('latin1', 0, magic.length) !== magic) return undefined;
  let at = magic.length;
  const next = (): Buffer | undefined => {
    if (at + 4 > bytes.length) return undefined;
    const start = at + 4;
    at = start + bytes.readUInt32BE(at);
    return at <= bytes.length ? bytes.subarray(start, at) : undefined;
  };
  const header = [next(), next(), next()];
  if (header.includes(undefined)) return undefined;
  at += 4; // The number of keys: always 1.
  const key = next();
  return key !== undefined && keyTypeOf(key) !== undefined ? key : undefined;
}
