import { setTimeout as wait } from 'node:timers/promises';
import { Failure, isFailure, messageOf } from '../../base/errors.js';
import type { Connection } from '../connection.js';
import type { RemoteContext } from '../remoteContext.js';
import { subjectFacts } from './machineState.js';
import { failed, runOnce, type RunOutcome } from './oneRepeat.js';
import type { BenchmarkResults, RepeatRecord, SubjectRecord } from './results.js';
import { ResultsFile } from './resultsFile.js';
import { remaining, schedule, type Step } from './schedule.js';
import { seedFrom } from '../../base/seededRandom.js';
import type { Suite, Variant } from './suite.js';

/** What of a `Machine` is needed. */
export interface BenchmarkMachine {
  readonly name: string;
  run<T>(
    what: string,
    work: (connection: Connection, signal: AbortSignal) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T>;
}

export interface BenchmarkRequest<M extends BenchmarkMachine = BenchmarkMachine> {
  readonly suite: Suite;
  /** All at once, each with a schedule of its own. */
  readonly machines: readonly M[];
  /** Releases (`uname -r`) to compare on each machine; none: whatever runs there. */
  readonly kernels?: readonly string[];
  /** How often each kernel is booted. */
  readonly rounds?: number;
  /** Boots a kernel and comes back when it runs; needed with `kernels`. Asks for consent itself. */
  readonly boot?: (machine: M, kernel: string, signal?: AbortSignal) => Promise<void>;
  readonly resultsPath: string;
  /** Goes on with the results that are there. */
  readonly resumes?: boolean;
}

export interface BenchmarkProgress {
  readonly machine: string;
  /** Runs of this machine, with warm-ups: done, and in all. */
  readonly done: number;
  readonly total: number;
  /** What runs now; null when this machine is done. */
  readonly step: Step | null;
}

export interface BenchmarkListener {
  onProgress?(progress: BenchmarkProgress): void;
  onRepeat?(repeat: RepeatRecord): void;
}

/** After so many in a row the machine is given up. */
const LOST_IN_A_ROW = 3;

/**
 * Measures a suite: `warmUps` and then `repeats` runs of each benchmark under each variant, in the order of `schedule`. The
 * results file is whole after each run. A run that fails is kept as failed; a run that was stopped is not kept, so that
 * a later call with `resumes` measures it.
 *
 * Resolves with state `complete` or, when the signal was aborted, `stopped`.
 * Failures: `bad-input` (see `ResultsFile.open`), and what kept a machine from being reached.
 */
export async function runBenchmarks<M extends BenchmarkMachine>(
  request: BenchmarkRequest<M>,
  context: RemoteContext,
  listener: BenchmarkListener = {},
  signal?: AbortSignal,
): Promise<BenchmarkResults> {
  checkRequest(request);
  const file = await ResultsFile.open(request.resultsPath, request.suite, {
    resumes: request.resumes === true,
    generator: `kernel-oracle ${context.version}`,
    now: context.now,
  });
  const session = Math.max(0, ...file.results.repeats.map((repeat) => repeat.session)) + 1;
  await file.change({ subjects: allSubjects(request, file.results.subjects), state: 'running' });
  const work = request.machines.map((machine) =>
    new MachineRun(machine, request, context, file, session, listener, signal).run(),
  );
  const ends = await Promise.allSettled(work);
  const isComplete = ends.every((end) => end.status === 'fulfilled') && signal?.aborted !== true;
  await file.change({ state: isComplete ? 'complete' : 'stopped' });
  const broken = ends.find((end) => end.status === 'rejected');
  if (broken !== undefined && signal?.aborted !== true) throw broken.reason;
  return file.results;
}

function checkRequest<M extends BenchmarkMachine>({
  machines,
  kernels = [],
  boot,
}: BenchmarkRequest<M>): void {
  const names = machines.map(({ name }) => name);
  if (names.length === 0) throw new Failure('bad-input', 'There is no machine to measure on: name one.');
  if (new Set(names).size < names.length) {
    throw new Failure('bad-input', 'A machine is named twice: its runs would disturb each other.');
  }
  if (kernels.length > 0 && boot === undefined) {
    throw new Failure('bad-input', 'Kernels can be compared only where one may be booted.');
  }
}

/** Subjects as they are in the results by then, and those that are new. */
function allSubjects<M extends BenchmarkMachine>(
  request: BenchmarkRequest<M>,
  known: readonly SubjectRecord[],
): SubjectRecord[] {
  const subjects = request.machines.flatMap((machine) =>
    subjectsOf(machine.name, request).map(({ record }) => record),
  );
  const added = subjects.filter(({ id }) => !known.some((each) => each.id === id));
  return [...known, ...added];
}

interface Subject {
  readonly record: SubjectRecord;
  readonly variant: Variant;
  readonly kernel: string | null;
}

function subjectsOf(
  machine: string,
  { kernels = [], suite }: Pick<BenchmarkRequest, 'kernels' | 'suite'>,
): Subject[] {
  const { variants } = suite;
  return (kernels.length === 0 ? [null] : kernels).flatMap((kernel) =>
    variants.map((variant) => {
      const parts = [machine, ...(kernel === null ? [] : [kernel])];
      if (variants.length > 1 || variant.name !== 'default') parts.push(variant.name);
      const label = parts.join(' · ');
      const record = { id: label, label, machine, kernel: kernel ?? '', variant: variant.name, facts: null };
      return { record, variant, kernel };
    }),
  );
}

/** The runs of one machine, one after the other. */
class MachineRun<M extends BenchmarkMachine> {
  readonly #subjects: ReadonlyMap<string, Subject>;
  /** Of the last run: another one has to be booted for the next. */
  #booted: string | null = null;
  #lostInARow = 0;

  constructor(
    private readonly machine: M,
    private readonly request: BenchmarkRequest<M>,
    private readonly context: RemoteContext,
    private readonly file: ResultsFile,
    private readonly session: number,
    private readonly listener: BenchmarkListener,
    private readonly signal: AbortSignal | undefined,
  ) {
    this.#subjects = new Map(subjectsOf(machine.name, request).map((each) => [each.record.id, each]));
  }

  async run(): Promise<void> {
    const { suite, rounds = 1 } = this.request;
    const steps = schedule({
      subjects: [...this.#subjects.values()].map(({ record, kernel }) => ({ id: record.id, kernel })),
      benchmarks: suite.benchmarks.map(({ name }) => name),
      repeats: suite.repeats,
      warmUps: suite.warmUps,
      seed: seedFrom(suite.seed, this.machine.name),
      rounds,
    });
    const left = remaining(steps, this.file.results.repeats);
    for (const [at, step] of left.entries()) {
      this.listener.onProgress?.({ machine: this.machine.name, done: at, total: left.length, step });
      if (!(await this.#perform(step))) return;
      if (at < left.length - 1) await this.#pause();
    }
    this.listener.onProgress?.({
      machine: this.machine.name,
      done: left.length,
      total: left.length,
      step: null,
    });
  }

  /** False: it was stopped. */
  async #perform(step: Step): Promise<boolean> {
    if (this.signal?.aborted === true) return false;
    const startedAt = this.context.now().toISOString();
    let outcome: RunOutcome;
    try {
      await this.#boot(step.kernel);
      outcome = await this.machine.run(
        `Benchmark ${step.benchmark}`,
        (connection, signal) => this.#measure(connection, step, signal),
        this.signal,
      );
      this.#lostInARow = 0;
    } catch (error) {
      if (isStopped(this.signal)) return false;
      // Lost on the way, as a network may be: the run has failed. Never reached, or refused: so will be the next.
      if (!isFailure(error, 'connection-lost')) throw error;
      this.#lostInARow += 1;
      if (this.#lostInARow >= LOST_IN_A_ROW) throw error;
      outcome = failed(messageOf(error));
    }
    const { subject, benchmark, phase, block } = step;
    const repeat = { subject, benchmark, phase, block, session: this.session, startedAt, ...outcome };
    await this.file.add(repeat);
    this.listener.onRepeat?.(repeat);
    return true;
  }

  async #boot(kernel: string | null): Promise<void> {
    if (kernel === null || kernel === this.#booted) return;
    await this.request.boot?.(this.machine, kernel, this.signal);
    this.#booted = kernel;
  }

  async #measure(connection: Connection, step: Step, signal: AbortSignal): Promise<RunOutcome> {
    const { programs } = this.context;
    const subject = this.#subjects.get(step.subject)!;
    const benchmark = this.request.suite.benchmarks.find(({ name }) => name === step.benchmark)!;
    const known = this.file.results.subjects.find(({ id }) => id === step.subject)!;
    const kernel = known.kernel === '' ? null : known.kernel;
    const outcome = await runOnce(
      connection,
      programs,
      { benchmark, variant: subject.variant, kernel },
      signal,
    );
    if (known.facts === null && outcome.before !== null) {
      const facts = await subjectFacts(connection, programs, signal);
      const told = { ...known, kernel: kernel ?? outcome.before.kernel, facts };
      await this.file.change({
        subjects: this.file.results.subjects.map((each) => (each.id === step.subject ? told : each)),
      });
    }
    return outcome;
  }

  async #pause(): Promise<void> {
    const { pauseMs } = this.request.suite;
    if (pauseMs <= 0) return;
    await wait(pauseMs, undefined, this.signal === undefined ? {} : { signal: this.signal }).catch(
      () => undefined,
    );
  }
}

/** A property that changes while we wait, which the compiler takes for settled. */
function isStopped(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}
