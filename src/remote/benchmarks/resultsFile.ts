import { existsSync } from 'node:fs';
import { Failure } from '../../base/errors.js';
import {
  readResults,
  RESULTS_FORMAT,
  writeResults,
  type BenchmarkResults,
  type RepeatRecord,
} from './results.js';
import { describeProgram, suiteDigest, type Suite } from './suite.js';

/** Results that grow while they are measured: after each repeat the file holds all of them. */
export class ResultsFile {
  #writing: Promise<void> = Promise.resolve();

  private constructor(
    readonly path: string,
    private current: BenchmarkResults,
    private readonly now: () => Date,
  ) {}

  /**
   * A new file, or the one that is there when `resumes`. Results without a repeat, as they are left when no machine could
   * be reached, are replaced.
   * Failures: `bad-input` when a file is there and is not to be resumed, or is of another suite; those of `readResults`.
   */
  static async open(
    path: string,
    suite: Suite,
    options: { readonly resumes: boolean; readonly generator: string; readonly now: () => Date },
  ): Promise<ResultsFile> {
    if (!existsSync(path)) {
      return new ResultsFile(path, emptyResults(suite, options.generator, options.now()), options.now);
    }
    if (!options.resumes) {
      if (await hasNoRepeats(path)) {
        return new ResultsFile(path, emptyResults(suite, options.generator, options.now()), options.now);
      }
      throw new Failure(
        'bad-input',
        `${path} is there already. Resume it (--resume), or name another file: repeats of different runs are not mixed.`,
      );
    }
    const found = await readResults(path);
    if (found.suite.digest !== suiteDigest(suite)) {
      throw new Failure(
        'bad-input',
        `${path} is of the suite "${found.suite.name}" as it was then; benchmarks, variants or seed differ now. ` +
          'Name another file.',
      );
    }
    const { repeats, warmUps } = suite;
    const resumed = { ...found, state: 'running' as const, suite: { ...found.suite, repeats, warmUps } };
    return new ResultsFile(path, resumed, options.now);
  }

  get results(): BenchmarkResults {
    return this.current;
  }

  add(repeat: RepeatRecord): Promise<void> {
    return this.change({ repeats: [...this.current.repeats, repeat] });
  }

  /** One write at a time, each of all that is known then. */
  change(part: Partial<BenchmarkResults>): Promise<void> {
    this.current = { ...this.current, ...part, updatedAt: this.now().toISOString() };
    this.#writing = this.#writing.catch(() => undefined).then(() => writeResults(this.path, this.current));
    return this.#writing;
  }
}

async function hasNoRepeats(path: string): Promise<boolean> {
  try {
    return (await readResults(path)).repeats.length === 0;
  } catch {
    // Whatever that file is: it is not ours to replace.
    return false;
  }
}

function emptyResults(suite: Suite, generator: string, now: Date): BenchmarkResults {
  const { name, seed, repeats, warmUps } = suite;
  return {
    format: RESULTS_FORMAT,
    version: 1,
    generator,
    createdAt: now.toISOString(),
    updatedAt: now.toISOString(),
    state: 'running',
    suite: { name, digest: suiteDigest(suite), seed, repeats, warmUps },
    benchmarks: suite.benchmarks.map((benchmark) => ({
      name: benchmark.name,
      title: benchmark.title,
      command: describeProgram(benchmark.program),
      timeLimitMs: benchmark.timeLimitMs,
      primary: benchmark.primary,
      metrics: benchmark.metrics.map(({ name: metric, title, unit, better }) => ({
        name: metric,
        title,
        unit,
        better,
      })),
    })),
    subjects: [],
    repeats: [],
    distributions: [],
  };
}
