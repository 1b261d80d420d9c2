/** Questions of the system's ssh, told apart by their wording. Source: sshconnect.c and sshconnect2.c of OpenSSH. */
import { Failure } from '../../base/errors.js';
import type { Prompter } from '../prompter.js';
import { printableText } from '../printableText.js';
import type { ResolvedHost } from './resolvedHost.js';

export type SshQuestion =
  | { readonly kind: 'host-key'; readonly keyType: string; readonly fingerprint: string }
  | { readonly kind: 'host-key-again' }
  | { readonly kind: 'passphrase'; readonly keyPath: string }
  | { readonly kind: 'password' }
  /** Of keyboard-interactive, for the PIN of a security key, or unknown to us. */
  | { readonly kind: 'other'; readonly text: string };

export function readQuestion(text: string): SshQuestion {
  const hostKey = /^The authenticity of host [\s\S]*?^(\S+) key fingerprint is (SHA256:[A-Za-z0-9+/]+)/m.exec(
    text,
  );
  if (hostKey !== null) return { kind: 'host-key', keyType: hostKey[1]!, fingerprint: hostKey[2]! };
  if (/^Please type 'yes'/.test(text)) return { kind: 'host-key-again' };
  const keyPath = /^Enter passphrase for (?:key )?'?(.*?)'?: ?$/.exec(text)?.[1];
  if (keyPath !== undefined) return { kind: 'passphrase', keyPath };
  return /^(?!\().*@.*'s password: ?$/.test(text) ? { kind: 'password' } : { kind: 'other', text };
}

/** Passes the questions of one login on to the user. */
export class QuestionRelay {
  /** Why there is no connection, when the user decided so. */
  failure: Failure | undefined;
  readonly #asked = new Set<string>();

  constructor(
    private readonly host: ResolvedHost,
    private readonly prompter: Prompter,
  ) {}

  async answer(text: string): Promise<string | undefined> {
    const { destination } = this.host;
    const wasWrong = this.#asked.has(text);
    this.#asked.add(text);
    const question = readQuestion(text);
    switch (question.kind) {
      case 'host-key':
        return (await this.#isAccepted(question.keyType, question.fingerprint)) ? 'yes' : 'no';
      case 'host-key-again':
        return 'no';
      case 'passphrase':
        // Without one ssh passes the key over and goes on.
        return this.prompter.passphrase({
          destination,
          keyPath: printableText(question.keyPath, 500),
          wasWrong,
        });
      case 'password':
        return this.#orGivenUp(await this.prompter.password({ destination, wasWrong }));
      case 'other': {
        const prompts = [{ text: printableText(question.text, 500), isEchoed: false }];
        const answers = await this.prompter.answers({ destination, title: '', instructions: '', prompts });
        return this.#orGivenUp(answers?.[0]);
      }
    }
  }

  async #isAccepted(keyType: string, fingerprint: string): Promise<boolean> {
    const { destination, userKnownHosts } = this.host;
    const knownHostsPath = userKnownHosts[0] ?? '/dev/null';
    const isAccepted = await this.prompter.acceptHostKey({
      destination,
      keyType,
      fingerprint,
      knownHostsPath,
    });
    if (!isAccepted) {
      this.failure = new Failure(
        'host-key-refused',
        `The host key of ${destination} (${keyType} ${fingerprint}) is unknown: it was not accepted.`,
      );
    }
    return isAccepted;
  }

  #orGivenUp(answer: string | undefined): string | undefined {
    if (answer === undefined)
      this.failure = new Failure('cancelled', `The login at ${this.host.destination} was given up.`);
    return answer;
  }
}
