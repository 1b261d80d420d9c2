import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The programs that are sent to test machines: `media/remote/*.sh`. */
export class RemotePrograms {
  readonly #texts = new Map<string, string>();

  /** @param folder `media/remote` of the installed extension */
  constructor(private readonly folder: string) {}

  /** @param name without `.sh` */
  text(name: string): string {
    let text = this.#texts.get(name);
    if (text === undefined) {
      text = readFileSync(join(this.folder, `${name}.sh`), 'utf8');
      this.#texts.set(name, text);
    }
    return text;
  }
}
