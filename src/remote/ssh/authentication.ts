import type { AnyAuthMethod, AuthHandlerMiddleware, Prompt } from 'ssh2';
import { Failure, isFailure, messageOf } from '../../base/errors.js';
import type { Prompter } from '../prompter.js';
import { printableText } from '../printableText.js';
import { SingleIdentityAgent, type Identities, type Identity } from './identities.js';
import type { AuthenticationMethod, ResolvedHost } from './resolvedHost.js';
import type { Deadline } from './waiting.js';

/** A server may ask for several factors; one that asks for more than this never ends. */
const MAX_ROUNDS = 8;
const MAX_PROMPTS = 16;

/**
 * Logs in at one host: tells ssh2 what to try next. The order is OpenSSH's: keys, keyboard-interactive, password; what the
 * server does not take is left out, and a server that wants more than one method gets the next one after each.
 */
export class Authentication {
  /** Why the login cannot go on, when ssh2 is not to say it. */
  failure: Failure | undefined;
  /** What was tried, for messages: never what the user answered. */
  readonly #tried: string[] = [];
  readonly #notes: string[] = [];
  readonly #usedKeys = new Set<Identity>();
  #accepted: readonly string[] | undefined;
  #attempts: AsyncGenerator<AnyAuthMethod, undefined> | undefined;
  #rounds = 0;
  #lastAgent: SingleIdentityAgent | undefined;

  constructor(
    private readonly host: ResolvedHost,
    private readonly identities: Identities,
    private readonly prompter: Prompter,
    private readonly deadline: Deadline,
  ) {
    this.#notes.push(...identities.notes);
  }

  readonly handler: AuthHandlerMiddleware = (methodsLeft, partialSuccess, next) => {
    // ssh2 gives null the first time.
    this.#next((methodsLeft as readonly string[] | null) ?? undefined, partialSuccess).then(
      next,
      (error: unknown) => {
        this.failure ??= isFailure(error) ? error : new Failure('authentication-failed', messageOf(error));
        giveUp(next);
      },
    );
  };

  /** The failure when the server has refused everything, or ended the connection over it. */
  refused(serverSays?: string): Failure {
    const tried =
      this.#tried.length === 0 ? 'nothing of what it accepts is at hand' : `tried: ${this.#tried.join(', ')}`;
    const accepted =
      this.#accepted === undefined ? '' : `; it accepts ${printableText(this.#accepted.join(', '), 200)}`;
    const says = serverSays === undefined ? '' : `; it says "${printableText(serverSays, 200)}"`;
    const isTooMany = /too many/i.test(serverSays ?? '');
    const remedy = isTooMany
      ? ' It counts every key that is offered: name the right one by IdentityFile and set IdentitiesOnly yes for this host.'
      : ' Check the user name and the keys; ssh -v shows what OpenSSH would offer.';
    const notes = this.#notes.map((note) => ` ${note}`).join('');
    return new Failure(
      'authentication-failed',
      `${this.host.destination} refused the login (${tried}${accepted}${says}).${remedy}${notes}`,
    );
  }

  async #next(methodsLeft: readonly string[] | undefined, isPartial: boolean): Promise<AnyAuthMethod> {
    const { user: username } = this.host;
    const agent = this.#lastAgent;
    this.#lastAgent = undefined;
    this.#noteAgent(agent);
    // ssh2 does not pass on what the server accepts after a key of an agent: `none` asks again.
    if (methodsLeft === undefined || agent?.hasSigned === true) return { type: 'none', username };
    const isNewFactor =
      this.#accepted !== undefined && isPartial ? true : this.#accepted?.join() !== methodsLeft.join();
    if (isNewFactor) {
      this.#rounds += 1;
      if (this.#rounds > MAX_ROUNDS) throw this.refused('other methods without end');
      this.#accepted = methodsLeft;
      this.#attempts = this.#attemptsNow(methodsLeft);
    }
    const attempt = await this.#attempts!.next();
    if (attempt.done === true) throw this.refused();
    return attempt.value;
  }

  #noteAgent(agent: SingleIdentityAgent | undefined): void {
    if (agent?.failure !== undefined) this.#notes.push(agent.failure.message);
  }

  async *#attemptsNow(accepted: readonly string[]): AsyncGenerator<AnyAuthMethod, undefined> {
    for (const method of this.host.methods) {
      if (accepted.includes(method)) yield* this.#attemptsBy(method);
    }
    return undefined;
  }

  async *#attemptsBy(method: AuthenticationMethod): AsyncGenerator<AnyAuthMethod, undefined> {
    if (method === 'publickey') yield* this.#keys();
    else {
      for (let tries = 0; tries < this.host.passwordPrompts; tries += 1) {
        this.#tried.push(method === 'password' ? 'a password' : 'keyboard-interactive');
        yield method === 'password' ? await this.#password(tries > 0) : this.#interactive();
      }
    }
    return undefined;
  }

  *#keys(): Generator<AnyAuthMethod, undefined> {
    for (const identity of this.identities.offered) {
      if (this.#usedKeys.has(identity)) continue;
      this.#usedKeys.add(identity);
      this.#tried.push(identity.name);
      const paused = {
        name: identity.name,
        publicKey: () => this.deadline.whilePaused(() => identity.publicKey()),
        sign: (data: Buffer, hash: string | undefined) =>
          this.deadline.whilePaused(() => identity.sign(data, hash)),
      };
      this.#lastAgent = new SingleIdentityAgent(paused);
      yield { type: 'agent', username: this.host.user, agent: this.#lastAgent };
    }
    return undefined;
  }

  async #password(wasWrong: boolean): Promise<AnyAuthMethod> {
    const { destination, user: username } = this.host;
    const password = await this.deadline.whilePaused(() => this.prompter.password({ destination, wasWrong }));
    if (password === undefined) throw gaveUp(destination);
    return { type: 'password', username, password };
  }

  #interactive(): AnyAuthMethod {
    return {
      type: 'keyboard-interactive',
      username: this.host.user,
      prompt: (title, instructions, _language, prompts, finish) => {
        this.deadline
          .whilePaused(() => this.#ask(title, instructions, prompts))
          .then(
            (answers) => {
              finish([...answers]);
            },
            (error: unknown) => {
              this.failure ??= isFailure(error)
                ? error
                : new Failure('authentication-failed', messageOf(error));
              this.onFailure?.();
            },
          );
      },
    };
  }

  /** Called when the login ends between two steps of ssh2, which then does not say so. */
  onFailure: (() => void) | undefined;

  async #ask(title: string, instructions: string, prompts: readonly Prompt[]): Promise<readonly string[]> {
    const { destination } = this.host;
    if (prompts.length > MAX_PROMPTS) throw this.refused(`${prompts.length} questions at once`);
    const answers = await this.prompter.answers({
      destination,
      title: printableText(title, 500),
      instructions: printableText(instructions, 2000),
      prompts: prompts.map(({ prompt, echo }) => ({
        text: printableText(prompt, 500),
        isEchoed: echo === true,
      })),
    });
    if (answers === undefined) throw gaveUp(destination);
    return prompts.map((_prompt, index) => answers[index] ?? '');
  }
}

function gaveUp(destination: string): Failure {
  return new Failure('cancelled', `The login at ${destination} was given up.`);
}

/** ssh2 takes `false` for "nothing more to try", which its types do not know. */
function giveUp(next: unknown): void {
  (next as (method: false) => void)(false);
}
