/** Runs the inputs of one job and tells what came of it. A new process each: memory figures are those of the job. */
import { openSync, writeSync } from 'node:fs';
import { CoverageMap } from './coverageMap.js';
import { DefectError } from './defect.js';
import { FuzzInputs, type FuzzBase, type FuzzInput, type KeptInput } from './fuzzInput.js';
import { fuzzRun, type FuzzOutcome } from './fuzzRun.js';
import { fuzzCorpus } from './fuzzSeeds.js';
import {
  MEMORY_LIMIT_BYTES,
  TIME_LIMIT_MS,
  signatureOf,
  type Finding,
  type Job,
  type JobResult,
  type JobState,
} from './messages.js';

/** Larger inputs are not kept to go on from: small ones reach the same code sooner. */
const MAX_KEPT_BYTES = 64 * 1024;
const MAX_LINEAGE = 20;
const FINDINGS_A_CAUSE = 2;
/** Asking for it takes as long as a short run. */
const MEMORY_EVERY_RUNS = 16;

class JobRunner {
  readonly #job: Job;
  readonly #inputs: FuzzInputs;
  readonly #coverage: CoverageMap;
  readonly #kept: KeptInput[];
  readonly #newlyKept: KeptInput[] = [];
  readonly #outcomes: Partial<Record<FuzzOutcome, number>> = {};
  readonly #findings: Finding[] = [];
  readonly #causes = new Map<string, number>();
  readonly #stateFile: number;
  readonly #baselineBytes: number;
  /** Those since memory was looked at last. */
  #latest: JobState[] = [];
  #runs = 0;
  #found = 0;
  #slowestMs = 0;

  constructor(job: Job) {
    this.#job = job;
    this.#inputs = new FuzzInputs(fuzzCorpus(), job.format, job.seed);
    this.#coverage = new CoverageMap(job.seen);
    this.#kept = [...job.kept];
    this.#stateFile = openSync(job.statePath, 'w');
    this.#baselineBytes = peakBytes();
  }

  async result(): Promise<JobResult> {
    let suspicion: JobResult['suspicion'];
    for (const run of this.#job.runs) {
      suspicion = await this.#run(run);
      if (suspicion !== undefined) break;
    }
    return {
      runs: this.#runs,
      outcomes: this.#outcomes,
      slowestMs: this.#slowestMs,
      peakBytes: peakBytes() - this.#baselineBytes,
      newlyKept: this.#newlyKept,
      seen: this.#coverage.seen,
      branches: this.#coverage.branches,
      findings: this.#findings,
      found: this.#found,
      suspects: suspicion === 'hang' ? this.#latest.slice(-1) : suspicion === 'memory' ? this.#latest : [],
      suspicion,
    };
  }

  async #run(run: number): Promise<JobResult['suspicion']> {
    const parent = this.#inputs.parentOf(run, this.#kept);
    const lineage = this.#job.lineage ?? parent?.lineage ?? [];
    const state: JobState = { run, lineage };
    writeSync(this.#stateFile, JSON.stringify(state).padEnd(512), 0);
    const base =
      this.#job.lineage === undefined
        ? this.#inputs.changed(run, parent?.base)
        : this.#inputs.base(run, lineage);
    const input = this.#inputs.input(run, base);
    if (this.#runs % MEMORY_EVERY_RUNS === 0) this.#latest = [];
    this.#latest.push(state);
    this.#coverage.begin();
    const began = performance.now();
    await this.#read(input, state);
    const elapsedMs = performance.now() - began;
    this.#slowestMs = Math.max(this.#slowestMs, elapsedMs);
    this.#runs += 1;
    this.#keepIfNew(state, base);
    return elapsedMs > TIME_LIMIT_MS ? 'hang' : this.#tookMuch() ? 'memory' : undefined;
  }

  #tookMuch(): boolean {
    const isTime = this.#runs % MEMORY_EVERY_RUNS === 0 || this.#runs === this.#job.runs.length;
    return isTime && peakBytes() - this.#baselineBytes > MEMORY_LIMIT_BYTES;
  }

  async #read(input: FuzzInput, state: JobState): Promise<void> {
    const { format } = this.#job;
    try {
      const outcome = await fuzzRun(format, input);
      this.#outcomes[outcome] = (this.#outcomes[outcome] ?? 0) + 1;
    } catch (error) {
      this.#found += 1;
      const kind = error instanceof DefectError ? 'defect' : 'exception';
      const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
      const { byDetection, bytes } = input;
      const finding: Finding = { ...state, format, kind, message, input: bytes, byDetection };
      const cause = signatureOf(finding);
      const count = (this.#causes.get(cause) ?? 0) + 1;
      this.#causes.set(cause, count);
      if (count <= FINDINGS_A_CAUSE) this.#findings.push(finding);
    }
  }

  #keepIfNew({ run, lineage }: JobState, base: FuzzBase): void {
    if (!this.#coverage.add()) return;
    if (base.bytes.length > MAX_KEPT_BYTES || lineage.length >= MAX_LINEAGE) return;
    const kept: KeptInput = { lineage: [run, ...lineage], base };
    this.#kept.push(kept);
    this.#newlyKept.push(kept);
  }
}

/** The most memory that this process ever had. */
function peakBytes(): number {
  return process.resourceUsage().maxRSS * 1024;
}

process.once('message', (job: Job) => {
  void new JobRunner(job).result().then((result) => process.send!(result, () => process.disconnect()));
});
