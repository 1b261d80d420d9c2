import { messageOf } from '../../base/errors.js';
import type { LatencyStudy } from '../../protocol/latencyMessages.js';
import type { LatencyFile } from './latencyFile.js';
import type { LoadedSet } from './measuredSet.js';
import { readLatencyFile, type LatencySources } from './readLatencyFile.js';

/** The files of a study, each read once until it changes. */
export class LatencyFiles {
  readonly #files = new Map<string, Promise<LatencyFile | Error>>();

  constructor(private readonly sources: LatencySources) {}

  /** Failures: those of reading it. */
  async file(path: string): Promise<LatencyFile> {
    const read = await this.#read(path);
    if (read instanceof Error) throw read;
    return read;
  }

  /** The sets of a study with their files; a file that cannot be read is told in its place, and the others are there. */
  async load({ sets }: LatencyStudy): Promise<LoadedSet[]> {
    const loaded: LoadedSet[] = [];
    // One after the other: what is read is held in memory twice while it is.
    for (const set of sets) loaded.push({ set, file: await this.#read(set.path) });
    return loaded;
  }

  /** The file changed: it is read anew when it is asked for. */
  forget(path: string): void {
    this.#files.delete(path);
  }

  #read(path: string): Promise<LatencyFile | Error> {
    const known = this.#files.get(path);
    if (known !== undefined) return known;
    const reading = readLatencyFile(path, this.sources).catch((error: unknown) => {
      // It may be there the next time.
      this.#files.delete(path);
      return error instanceof Error ? error : new Error(messageOf(error));
    });
    this.#files.set(path, reading);
    return reading;
  }
}
