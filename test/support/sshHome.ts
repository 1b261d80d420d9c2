/** A home folder with an SSH configuration of its own, and a user whose answers a test sets. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type {
  HostKeyQuestion,
  InteractiveQuestion,
  PassphraseQuestion,
  PasswordQuestion,
  Prompter,
} from '../../src/remote/prompter.js';
import type { SshLimits, SshOptions } from '../../src/remote/ssh/sshOptions.js';
import type { SshServer } from './sshServer.js';

export class SshHome {
  readonly folder = mkdtempSync(join(tmpdir(), 'kernel-oracle-home-'));
  readonly prompter = new AnsweringUser();
  limits: Partial<SshLimits> = {};
  environment: Record<string, string | undefined> = {};

  constructor() {
    mkdirSync(join(this.folder, '.ssh'), { mode: 0o700 });
  }

  get configPath(): string {
    return this.path('config');
  }

  get knownHostsPath(): string {
    return this.path('known_hosts');
  }

  /** A file of the folder .ssh. */
  path(name: string): string {
    return join(this.folder, '.ssh', name);
  }

  get options(): SshOptions & { readonly prompter: Prompter } {
    const { folder, environment, prompter, limits } = this;
    return { homeFolder: folder, systemConfigFile: '/dev/null', environment, prompter, limits };
  }

  /** For the system's ssh, which knows no other home than the user's: everything is named in the configuration. */
  get optionsForSystemSsh(): SshOptions & { readonly prompter: Prompter } {
    const environment = { PATH: process.env['PATH'], ...this.environment };
    return { ...this.options, environment, configFile: this.configPath };
  }

  configure(text: string): void {
    writeFileSync(this.configPath, text);
  }

  knows(text: string): void {
    writeFileSync(this.knownHostsPath, text);
  }

  get known(): string {
    return readFileSync(this.knownHostsPath, 'utf8');
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Lines of a Host block for a server, with its key unless other lines are given. */
export function hostBlock(name: string, server: SshServer, lines?: readonly string[]): string {
  const inner = lines ?? [`IdentityFile ${server.clientKey}`];
  return [
    `Host ${name}`,
    '  HostName 127.0.0.1',
    `  Port ${server.port}`,
    ...inner.map((each) => `  ${each}`),
    '',
  ].join('\n');
}

/** Answers in turn, the last for ever; keeps what it was asked. */
export class AnsweringUser implements Prompter {
  readonly asked: unknown[] = [];
  hostKeys = true;
  passwords: (string | undefined)[] = [];
  passphrases: (string | undefined)[] = [];
  replies: (readonly string[] | undefined)[] = [];

  password(question: PasswordQuestion): Promise<string | undefined> {
    return this.#answer({ password: question }, this.passwords);
  }

  passphrase(question: PassphraseQuestion): Promise<string | undefined> {
    return this.#answer({ passphrase: question }, this.passphrases);
  }

  answers(question: InteractiveQuestion): Promise<readonly string[] | undefined> {
    return this.#answer({ answers: question }, this.replies);
  }

  acceptHostKey(question: HostKeyQuestion): Promise<boolean> {
    this.asked.push({ hostKey: question });
    return Promise.resolve(this.hostKeys);
  }

  #answer<T>(question: unknown, answers: T[]): Promise<T | undefined> {
    this.asked.push(question);
    return Promise.resolve(answers.length > 1 ? answers.shift() : answers[0]);
  }
}
