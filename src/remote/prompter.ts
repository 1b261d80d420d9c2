/** What only the user can answer, while a connection is made. Undefined: the user gave up. */
export interface Prompter {
  password(question: PasswordQuestion): Promise<string | undefined>;
  passphrase(question: PassphraseQuestion): Promise<string | undefined>;
  /** Keyboard-interactive: one answer a prompt. The texts come from the machine and are made printable before. */
  answers(question: InteractiveQuestion): Promise<readonly string[] | undefined>;
  acceptHostKey(question: HostKeyQuestion): Promise<boolean>;
}

export interface PasswordQuestion {
  /** `user@host:port` */
  readonly destination: string;
  /** The one given before was refused. */
  readonly wasWrong: boolean;
}

export interface PassphraseQuestion {
  readonly destination: string;
  readonly keyPath: string;
  readonly wasWrong: boolean;
}

export interface InteractiveQuestion {
  readonly destination: string;
  readonly title: string;
  readonly instructions: string;
  readonly prompts: readonly { readonly text: string; readonly isEchoed: boolean }[];
}

export interface HostKeyQuestion {
  readonly destination: string;
  /** `ssh-ed25519` */
  readonly keyType: string;
  /** `SHA256:…`, as ssh-keygen -l prints it. */
  readonly fingerprint: string;
  /** Where consent is stored. */
  readonly knownHostsPath: string;
}
