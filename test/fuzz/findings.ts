import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { seedOf } from '../support/randomNumbers.js';
import { signatureOf, type Finding } from './messages.js';

/** Inputs kept of one cause. */
const KEPT_A_CAUSE = 3;

/** Findings of a fuzzing run: the inputs as files, one line each on how to see it again. */
export class Findings {
  readonly #counts = new Map<string, number>();

  constructor(
    readonly folder: string,
    readonly seed: number,
  ) {}

  /** Causes found, with how many inputs were reported of each. */
  causes(): readonly (readonly [string, number])[] {
    return [...this.#counts];
  }

  /** Writes the input, unless there are enough of its cause; returns the line to print. */
  add(finding: Finding): string | undefined {
    const signature = signatureOf(finding);
    const count = (this.#counts.get(signature) ?? 0) + 1;
    this.#counts.set(signature, count);
    if (count > KEPT_A_CAUSE) return undefined;
    mkdirSync(this.folder, { recursive: true });
    const { format, kind, run, lineage, byDetection, message, input } = finding;
    const cause = (seedOf(signature) >>> 0).toString(16).padStart(8, '0');
    const path = join(this.folder, `${format}-${kind}-${cause}-${count}.bin`);
    const replay = `npm run fuzz -- --replay ${path} --format ${format}${byDetection ? ' --detect' : ''}`;
    const via = lineage.length === 0 ? '' : ` --via ${lineage.join(',')}`;
    const again = `npm run fuzz -- --format ${format} --seed ${this.seed} --only ${run}${via}`;
    writeFileSync(path, input);
    writeFileSync(path.replace(/bin$/, 'txt'), `${replay}\n${again}\n\n${message}\n`);
    if (count > 1) return undefined;
    return `${format}: ${kind}, run ${run}: ${message.split('\n', 1)[0]}\n    ${replay}`;
  }
}
