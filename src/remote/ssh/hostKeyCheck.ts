import { Failure } from '../../base/errors.js';
import type { Prompter } from '../prompter.js';
import { addKnownHost, keepsNothing, newSalt } from './knownHostsFile.js';
import {
  fingerprintOf,
  judgeHostKey,
  keyTypeOf,
  knownHostName,
  knownKeyTypes,
  readKnownHosts,
  type KnownHost,
} from './knownHosts.js';
import type { ResolvedHost } from './resolvedHost.js';

/** Verifies the key of one host against known_hosts, and asks the user about one that is unknown. */
export class HostKeyCheck {
  readonly #known: readonly KnownHost[];
  readonly #name: string;
  readonly #port: number;
  #accepted: Buffer | undefined;

  /** Failures: `read-failed`, `too-large`. */
  constructor(
    private readonly host: ResolvedHost,
    private readonly prompter: Prompter,
  ) {
    this.#known = readKnownHosts([...host.userKnownHosts, ...host.globalKnownHosts]);
    // An alias stands for itself, whatever the port is.
    this.#name = host.hostKeyAlias ?? host.hostName;
    this.#port = host.hostKeyAlias === undefined ? host.port : 22;
  }

  /** Types for which a key is known: the server is to show one of these, lest another key of it be taken for a change. */
  get knownTypes(): string[] {
    return knownKeyTypes(this.#known, this.#name, this.#port);
  }

  /**
   * Settles when the key is trusted. Keys agreed anew within a connection must come with the same host key.
   * Failures: `host-key-refused`, `write-failed`.
   */
  async verify(key: Buffer): Promise<void> {
    if (this.#accepted !== undefined) {
      if (this.#accepted.equals(key)) return;
      throw new Failure(
        'host-key-refused',
        `${this.host.destination} changed its host key within a connection.`,
      );
    }
    const verdict = judgeHostKey(this.#known, this.#name, this.#port, key);
    switch (verdict.kind) {
      case 'known':
        break;
      case 'unknown':
        await this.#askAbout(key);
        break;
      case 'changed':
        throw this.#changed(key, verdict.entry);
      case 'revoked':
        throw new Failure(
          'host-key-refused',
          `The host key of ${this.host.destination} (${fingerprintOf(key)}) is marked as revoked in ${placeOf(verdict.entry)}. Nothing was sent. Whoever has that key may pose as the machine; give the machine a new host key.`,
        );
      case 'authority':
        throw new Failure(
          'host-key-refused',
          `${this.host.destination} is known only by a certificate authority (@cert-authority in ${placeOf(verdict.entry)}), which this connection cannot check. Add the machine's own key to known_hosts; it is ${keyTypeOf(key) ?? 'a key'} ${fingerprintOf(key)}, to be compared on the machine with ssh-keygen -l.`,
        );
    }
    this.#accepted = key;
  }

  async #askAbout(key: Buffer): Promise<void> {
    const { destination, unknownHostKeys, userKnownHosts, hashKnownHosts } = this.host;
    const keyType = keyTypeOf(key);
    const fingerprint = fingerprintOf(key);
    if (keyType === undefined) throw new Failure('host-key-refused', `${destination} showed no host key.`);
    const path = userKnownHosts[0];
    const isAccepted =
      unknownHostKeys === 'accept' ||
      (unknownHostKeys === 'ask' &&
        (await this.prompter.acceptHostKey({
          destination,
          keyType,
          fingerprint,
          knownHostsPath: path ?? '/dev/null',
        })));
    if (!isAccepted) {
      const why =
        unknownHostKeys === 'refuse'
          ? 'StrictHostKeyChecking is set, so that only known machines are connected to'
          : 'it was not accepted';
      throw new Failure(
        'host-key-refused',
        `The host key of ${destination} (${keyType} ${fingerprint}) is unknown: ${why}.`,
      );
    }
    if (keepsNothing(path)) return;
    await addKnownHost(
      path,
      knownHostName(this.#name, this.#port),
      key,
      hashKnownHosts ? newSalt() : undefined,
    );
  }

  #changed(key: Buffer, entry: KnownHost): Failure {
    const name = knownHostName(this.#name, this.#port);
    return new Failure(
      'host-key-refused',
      `The host key of ${this.host.destination} has changed: it is now ${keyTypeOf(key) ?? 'a key'} ${fingerprintOf(key)}, known is ${entry.keyType} ${fingerprintOf(entry.key)} in ${placeOf(entry)}. Nothing was sent: another machine may pose as it. If it was installed anew, remove the old key with: ssh-keygen -R '${name}' -f '${entry.path}'`,
    );
  }
}

function placeOf({ path, line }: KnownHost): string {
  return `${path}, line ${line}`;
}
