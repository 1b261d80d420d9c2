import { existsSync } from 'node:fs';
import {
  BaseAgent,
  OpenSSHAgent,
  utils,
  type IdentityCallback,
  type ParsedKey,
  type SignCallback,
  type SigningRequestOptions,
} from 'ssh2';
import { Failure, isFailure, messageOf } from '../../base/errors.js';
import type { Prompter } from '../prompter.js';
import { printableText } from '../printableText.js';
import { agentKeys, type AgentKey } from './agentKeys.js';
import { needsSystemSsh, parsePrivate, readKeyFile, type KeyFile } from './keyFile.js';
import type { ResolvedHost } from './resolvedHost.js';

/** A key that the server may be offered. */
export interface Identity {
  /** For messages: the path of a file, or `agent: comment`. */
  readonly name: string;
  /** In wire format. Needs the passphrase when the file hides it (PEM without a .pub beside it). Failures: as `sign`. */
  publicKey(): Promise<Buffer>;
  /** Failures: `authentication-failed` (wrong passphrase, refused by the agent), `cancelled`. */
  sign(data: Buffer, hash: string | undefined): Promise<Buffer>;
}

export interface Identities {
  readonly offered: readonly Identity[];
  /** Why others are not offered, one sentence each. */
  readonly notes: readonly string[];
  /** What only the system's ssh could offer, in words; empty when there is nothing. */
  readonly onlySystemSsh: readonly string[];
}

const AGENT_TIMEOUT_MS = 5_000;
const PASSPHRASE_TRIES = 3;

/**
 * The keys for a host in OpenSSH's order: those of the agent that the configuration names, the agent's others (unless
 * IdentitiesOnly), then the files. Passphrases are asked only once a server wants the key.
 */
export async function identitiesFor(
  host: ResolvedHost,
  prompter: Prompter,
  localUid: number,
): Promise<Identities> {
  const notes: string[] = [];
  const files: KeyFile[] = [];
  for (const path of host.identityFiles) {
    const file = readKeyFile(path, localUid);
    if (!('why' in file)) files.push(file);
    else if (!file.isMissing || host.hasOwnIdentityFiles) notes.push(`${path} is not used: ${file.why}.`);
  }
  const inAgent = await keysOfAgent(host, notes);
  const isNamed = (key: AgentKey) => files.some((file) => file.publicKey?.equals(key.key) === true);
  const named = files.flatMap((file) => inAgent.filter((key) => file.publicKey?.equals(key.key) === true));
  const usable = [...named, ...(host.identitiesOnly ? [] : inAgent.filter((key) => !isNamed(key)))];
  const left = files.filter((file) => !inAgent.some((key) => file.publicKey?.equals(key.key) === true));
  const offered: Identity[] = usable
    .filter((key) => !needsSystemSsh(key.type))
    .map((key) => new AgentIdentity(key, host.agentSocket!));
  for (const file of left) {
    const type = file.publicKey === undefined ? '' : file.publicKey.toString('latin1', 4, 24);
    if (needsSystemSsh(type)) continue;
    if (file.privateText === undefined) {
      if (host.hasOwnIdentityFiles) notes.push(`${file.path} is a public key that the agent does not have.`);
    } else offered.push(new FileIdentity(file, file.privateText, host.destination, prompter));
  }
  return { offered, notes, onlySystemSsh: systemOnly(usable, left) };
}

function systemOnly(usable: readonly AgentKey[], files: readonly KeyFile[]): string[] {
  const reasons = usable
    .filter((key) => needsSystemSsh(key.type))
    .map((key) => `the agent's key of type ${printableText(key.type, 60)}`);
  for (const { path, publicKey } of files) {
    // ssh offers a certificate that lies beside its key without being told.
    if (existsSync(`${path}-cert.pub`)) reasons.push(`the certificate ${path}-cert.pub`);
    if (publicKey?.toString('latin1', 4, 7) === 'sk-') reasons.push(`the security key ${path}`);
  }
  return reasons;
}

async function keysOfAgent(host: ResolvedHost, notes: string[]): Promise<AgentKey[]> {
  if (host.agentSocket === undefined || !host.methods.includes('publickey')) return [];
  try {
    return await agentKeys(host.agentSocket, AGENT_TIMEOUT_MS);
  } catch (error) {
    if (!isFailure(error)) throw error;
    notes.push(error.message);
    return [];
  }
}

class AgentIdentity implements Identity {
  readonly name: string;

  constructor(
    private readonly key: AgentKey,
    private readonly socketPath: string,
  ) {
    this.name = `agent: ${printableText(key.comment, 100)}`;
  }

  publicKey(): Promise<Buffer> {
    return Promise.resolve(this.key.key);
  }

  sign(data: Buffer, hash: string | undefined): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const answer: SignCallback = (error, signature) => {
        if (signature !== undefined && !error) resolve(signature);
        else {
          reject(
            new Failure(
              'authentication-failed',
              `The agent does not sign with ${this.name}: ${messageOf(error)}`,
            ),
          );
        }
      };
      const options = (hash === undefined ? {} : { hash }) as SigningRequestOptions;
      new OpenSSHAgent(this.socketPath).sign(this.key.key, data, options, answer);
    });
  }
}

class FileIdentity implements Identity {
  readonly name: string;
  #key: ParsedKey | undefined;

  constructor(
    private readonly file: KeyFile,
    private readonly privateText: string,
    private readonly destination: string,
    private readonly prompter: Prompter,
  ) {
    this.name = file.path;
    if (!file.isEncrypted) this.#key = parsePrivate(privateText);
  }

  async publicKey(): Promise<Buffer> {
    if (this.file.publicKey !== undefined) return this.file.publicKey;
    this.#key ??= await this.#unlock();
    return this.#key.getPublicSSH();
  }

  async sign(data: Buffer, hash: string | undefined): Promise<Buffer> {
    this.#key ??= await this.#unlock();
    const signature: Buffer | Error = this.#key.sign(data, hash);
    if (signature instanceof Error) {
      throw new Failure('authentication-failed', `${this.name} cannot sign: ${signature.message}`);
    }
    return signature;
  }

  async #unlock(): Promise<ParsedKey> {
    for (let tries = 0; tries < PASSPHRASE_TRIES; tries += 1) {
      const passphrase = await this.prompter.passphrase({
        destination: this.destination,
        keyPath: this.file.path,
        wasWrong: tries > 0,
      });
      if (passphrase === undefined) {
        throw new Failure('cancelled', `No passphrase was given for ${this.name}.`);
      }
      const key = parsePrivate(this.privateText, passphrase);
      if (key !== undefined) return key;
    }
    throw new Failure(
      'authentication-failed',
      `The passphrase for ${this.name} was wrong ${PASSPHRASE_TRIES} times.`,
    );
  }
}

/**
 * One identity as an agent of ssh2: of all its ways to sign, only that of agents waits, so that a passphrase is asked once
 * the server has said that it wants the key.
 */
export class SingleIdentityAgent extends BaseAgent<ParsedKey> {
  /** The server wanted a signature and got one. */
  hasSigned = false;
  /** Why there was none. */
  failure: Failure | undefined;

  constructor(private readonly identity: Identity) {
    super();
  }

  override getIdentities(callback: IdentityCallback<ParsedKey>): void {
    this.identity.publicKey().then(
      (key) => {
        const parsed = utils.parseKey(key);
        if (parsed instanceof Error) callback(parsed);
        else callback(null, [parsed]);
      },
      (error: unknown) => {
        callback(this.#failed(error));
      },
    );
  }

  override sign(
    _key: ParsedKey,
    data: Buffer,
    optionsOrCallback: SigningRequestOptions | SignCallback,
    callback?: SignCallback,
  ): void {
    const [options, done] =
      typeof optionsOrCallback === 'function' ? [{}, optionsOrCallback] : [optionsOrCallback, callback!];
    const { hash } = options as { hash?: string };
    this.identity.sign(data, hash).then(
      (signature) => {
        this.hasSigned = true;
        done(null, signature);
      },
      (error: unknown) => {
        done(this.#failed(error));
      },
    );
  }

  #failed(error: unknown): Failure {
    this.failure = isFailure(error) ? error : new Failure('authentication-failed', messageOf(error));
    return this.failure;
  }
}
