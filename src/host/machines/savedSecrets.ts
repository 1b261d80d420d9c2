import * as v from 'valibot';

/** What VS Code gives for secrets; encrypted by the system's key store. */
interface SecretStore {
  get(key: string): Thenable<string | undefined>;
  store(key: string, value: string): Thenable<void>;
  delete(key: string): Thenable<void>;
}

/** What VS Code gives for the extension's own state: holds only of what there is a secret, never one. */
interface StateStore {
  get(key: string): unknown;
  update(key: string, value: unknown): Thenable<void>;
}

/** What a secret is for. */
export interface SecretSubject {
  readonly kind: 'password' | 'passphrase';
  /** `user@host:port`, or the path of a key. */
  readonly of: string;
}

const INDEX = 'kernelOracle.savedSecrets';
const subjects = v.array(v.object({ kind: v.picklist(['password', 'passphrase']), of: v.string() }));

/** Passwords and passphrases that the user wanted to be kept. */
export class SavedSecrets {
  constructor(
    private readonly secrets: SecretStore,
    private readonly state: StateStore,
  ) {}

  read(subject: SecretSubject): Thenable<string | undefined> {
    return this.secrets.get(keyOf(subject));
  }

  async keep(subject: SecretSubject, secret: string): Promise<void> {
    await this.secrets.store(keyOf(subject), secret);
    await this.#setIndex([...this.all().filter((each) => keyOf(each) !== keyOf(subject)), subject]);
  }

  async forget(subject: SecretSubject): Promise<void> {
    await this.secrets.delete(keyOf(subject));
    await this.#setIndex(this.all().filter((each) => keyOf(each) !== keyOf(subject)));
  }

  /** Of what there are secrets: the storage itself cannot be listed. */
  all(): readonly SecretSubject[] {
    const parsed = v.safeParse(subjects, this.state.get(INDEX));
    return parsed.success ? parsed.output : [];
  }

  async #setIndex(all: readonly SecretSubject[]): Promise<void> {
    await this.state.update(INDEX, all);
  }
}

function keyOf({ kind, of }: SecretSubject): string {
  return `${kind} ${of}`;
}
