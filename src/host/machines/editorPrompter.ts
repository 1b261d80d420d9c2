import * as vscode from 'vscode';
import type {
  HostKeyQuestion,
  InteractiveQuestion,
  PassphraseQuestion,
  PasswordQuestion,
  Prompter,
} from '../../remote/prompter.js';
import type { SavedSecrets, SecretSubject } from './savedSecrets.js';

/**
 * Asks the user in the editor, for one attempt to connect. What was typed is kept only in this object until the attempt
 * succeeded and the user agreed to keep it.
 */
export class EditorPrompter implements Prompter {
  /** The user refused an answer: that is no failure to tell of, and no other question follows. */
  wasDeclined = false;
  readonly #typed = new Map<string, { readonly subject: SecretSubject; readonly secret: string }>();

  constructor(private readonly saved: SavedSecrets) {}

  password({ destination, wasWrong }: PasswordQuestion): Promise<string | undefined> {
    return this.#secret(
      { kind: 'password', of: destination },
      `Password of ${destination}`,
      wasWrong ? 'The machine refused the password given before.' : undefined,
      wasWrong,
    );
  }

  passphrase({ destination, keyPath, wasWrong }: PassphraseQuestion): Promise<string | undefined> {
    return this.#secret(
      { kind: 'passphrase', of: keyPath },
      `Passphrase of ${keyPath}`,
      wasWrong ? 'That was not its passphrase.' : `The key is for ${destination}.`,
      wasWrong,
    );
  }

  async answers(question: InteractiveQuestion): Promise<readonly string[] | undefined> {
    if (this.wasDeclined) return undefined;
    const { destination, title, instructions, prompts } = question;
    const answers: string[] = [];
    for (const { text, isEchoed } of prompts) {
      const answer = await vscode.window.showInputBox({
        title: `${destination} asks${title === '' ? '' : `: ${title}`}`,
        prompt: [instructions, text].filter((part) => part !== '').join(' — '),
        password: !isEchoed,
        ignoreFocusOut: true,
      });
      if (answer === undefined) {
        this.wasDeclined = true;
        return undefined;
      }
      answers.push(answer);
    }
    return answers;
  }

  async acceptHostKey(question: HostKeyQuestion): Promise<boolean> {
    const { destination, keyType, fingerprint, knownHostsPath } = question;
    const trust = 'Trust and Connect';
    const choice = await vscode.window.showWarningMessage(
      `${destination} is not known yet.`,
      {
        modal: true,
        detail:
          `Its ${keyType} key has the fingerprint\n\n${fingerprint}\n\n` +
          'Compare it with what the machine itself says (ssh-keygen -l -f /etc/ssh/ssh_host_*_key.pub). ' +
          `When you trust it, the key is stored in ${knownHostsPath}, and a machine that shows another one is refused.`,
      },
      trust,
    );
    this.wasDeclined ||= choice !== trust;
    return choice === trust;
  }

  /** After the connection stands: offers to keep what was typed for it. */
  async offerToKeep(): Promise<void> {
    for (const { subject, secret } of this.#typed.values()) {
      const keep = 'Keep';
      const choice = await vscode.window.showInformationMessage(
        `Keep the ${subject.kind} of ${subject.of} in the secret storage of the editor?`,
        keep,
        'Not Now',
      );
      if (choice === keep) await this.saved.keep(subject, secret);
    }
    this.#typed.clear();
  }

  async #secret(
    subject: SecretSubject,
    title: string,
    prompt: string | undefined,
    wasWrong: boolean,
  ): Promise<string | undefined> {
    if (this.wasDeclined) return undefined;
    const key = `${subject.kind} ${subject.of}`;
    if (wasWrong) {
      this.#typed.delete(key);
      await this.saved.forget(subject);
    } else {
      const kept = await this.saved.read(subject);
      if (kept !== undefined) return kept;
    }
    const secret = await vscode.window.showInputBox({
      title,
      password: true,
      ignoreFocusOut: true,
      ...(prompt === undefined ? {} : { prompt }),
    });
    if (secret === undefined) this.wasDeclined = true;
    else this.#typed.set(key, { subject, secret });
    return secret;
  }
}
