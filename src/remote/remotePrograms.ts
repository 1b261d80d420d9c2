import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The programs that are sent to test machines: `media/remote/*.sh`, and what they run there. */
export class RemotePrograms {
  readonly #texts = new Map<string, string>();

  /** @param folder `media/remote` of the installed extension */
  constructor(private readonly folder: string) {}

  /** @param name without `.sh`; for its lines `#include OTHER` stand those of that program */
  text(name: string): string {
    return this.file(`${name}.sh`).replaceAll(/^#include ([a-z-]+)$/gm, (_, other: string) =>
      this.text(other),
    );
  }

  /** @param path in the folder: `bpftrace/sched_switch.bt` */
  file(path: string): string {
    let text = this.#texts.get(path);
    if (text === undefined) {
      text = readFileSync(join(this.folder, path), 'utf8');
      this.#texts.set(path, text);
    }
    return text;
  }
}
