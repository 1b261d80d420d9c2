import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Findings } from './findings.js';
import { FuzzInputs } from './fuzzInput.js';
import type { FuzzCorpus } from './fuzzSeeds.js';
import { fuzzTable } from './fuzzTable.js';
import { runJob } from './jobProcess.js';
import { LANES, Lane } from './lane.js';
import { MEMORY_LIMIT_BYTES, TIME_LIMIT_MS, type FindingKind, type Job, type JobState } from './messages.js';

export interface CampaignOptions {
  readonly seed: number;
  readonly formats: readonly string[];
  /** Of all formats together. */
  readonly runs: number;
  readonly workers: number;
  readonly minutes: number;
  readonly workerPath: string;
  readonly findingsFolder: string;
}

const PROGRESS_EVERY_MS = 10_000;
const STATE_FOLDER = '.cache/fuzz';

/** Many runs over several formats, by several processes. */
export class Campaign {
  readonly #options: CampaignOptions;
  readonly #corpus: FuzzCorpus;
  readonly #lanes: readonly Lane[];
  readonly #findings: Findings;
  readonly #runsAFormat: number;
  readonly #began = performance.now();
  #lastProgress = performance.now();

  constructor(corpus: FuzzCorpus, options: CampaignOptions) {
    this.#corpus = corpus;
    this.#options = options;
    this.#runsAFormat = Math.ceil(options.runs / options.formats.length);
    this.#lanes = options.formats.flatMap((format) => {
      if (!corpus.seeds.has(format)) throw new Error(`There is no fixture of a format "${format}".`);
      return Array.from({ length: LANES }, (_, index) => new Lane(format, index));
    });
    this.#findings = new Findings(options.findingsFolder, options.seed);
  }

  /** Exit status: 1 when anything was found. */
  async run(): Promise<number> {
    mkdirSync(STATE_FOLDER, { recursive: true });
    const { workers } = this.#options;
    await Promise.all(Array.from({ length: workers }, (_, worker) => this.#work(worker)));
    console.log(fuzzTable(this.#lanes, performance.now() - this.#began));
    const causes = this.#findings.causes();
    for (const [signature, count] of causes) console.log(`found: ${signature} (${count} reported)`);
    return causes.length === 0 ? 0 : 1;
  }

  /** One after the other, always for the lane that has had the fewest runs. */
  async #work(worker: number): Promise<void> {
    while (performance.now() - this.#began < this.#options.minutes * 60_000) {
      const open = this.#lanes.filter((lane) => !lane.isBusy && !lane.isDone(this.#runsAFormat));
      const [lane] = open.sort((a, b) => a.runs - b.runs);
      if (lane === undefined) return;
      lane.isBusy = true;
      try {
        await this.#do(lane, worker);
      } finally {
        lane.isBusy = false;
      }
      this.#progress();
    }
  }

  async #do(lane: Lane, worker: number): Promise<void> {
    const runs = lane.take(this.#runsAFormat);
    const { kept, seen } = lane;
    const end = await this.#start({ format: lane.format, runs, kept, seen }, worker);
    const suspects = end.kind === 'result' ? end.result.suspects : [end.state];
    if (end.kind === 'result') {
      lane.learn(end.result);
      for (const finding of end.result.findings) this.#report(this.#findings.add(finding));
    }
    const last = suspects.at(-1);
    if (last === undefined) return;
    lane.putBack(runs.slice(runs.indexOf(last.run) + 1));
    if (end.kind !== 'result') lane.runs += runs.indexOf(last.run) + 1;
    const crash = end.kind === 'crash' ? end.message : '';
    for (const suspect of suspects) await this.#confirm(lane, suspect, worker, crash);
  }

  /** Does a run again, alone, to see whether it was its fault. */
  async #confirm(lane: Lane, { run, lineage }: JobState, worker: number, crash: string): Promise<void> {
    const { format } = lane;
    const end = await this.#start({ format, runs: [run], kept: [], seen: undefined, lineage }, worker);
    let kind: FindingKind | undefined;
    let message = '';
    if (end.kind !== 'result') [kind, message] = [end.kind, end.message];
    else if (end.result.suspicion !== undefined) {
      const { slowestMs, peakBytes, suspicion } = end.result;
      [kind, message] = [suspicion, `${slowestMs.toFixed(0)} ms, ${(peakBytes / 2 ** 20).toFixed(0)} MB`];
      message += ` (at most ${TIME_LIMIT_MS} ms, ${MEMORY_LIMIT_BYTES / 2 ** 20} MB)`;
    } else if (crash !== '') [kind, message] = ['crash', `only among other runs: ${crash}`];
    if (kind === undefined) return;
    lane.found += 1;
    const inputs = new FuzzInputs(this.#corpus, format, this.#options.seed);
    const { bytes, byDetection } = inputs.input(run, inputs.base(run, lineage));
    this.#report(this.#findings.add({ format, run, lineage, kind, message, input: bytes, byDetection }));
  }

  #start(job: Omit<Job, 'seed' | 'statePath'>, worker: number) {
    const { seed, workerPath } = this.#options;
    return runJob(workerPath, {
      ...job,
      seed,
      statePath: join(STATE_FOLDER, `state-${process.pid}-${worker}`),
    });
  }

  #report(line: string | undefined): void {
    if (line !== undefined) console.log(line);
  }

  #progress(): void {
    const now = performance.now();
    if (now - this.#lastProgress < PROGRESS_EVERY_MS) return;
    this.#lastProgress = now;
    const runs = this.#lanes.reduce((sum, lane) => sum + lane.runs, 0);
    const found = this.#lanes.reduce((sum, lane) => sum + lane.found, 0);
    const total = this.#runsAFormat * this.#options.formats.length;
    const seconds = (now - this.#began) / 1000;
    console.log(
      `${seconds.toFixed(0)} s: ${runs.toLocaleString('en-US')} of ${total.toLocaleString('en-US')} runs, ` +
        `${(runs / seconds).toFixed(0)} a second, ${found} with a defect of ${this.#findings.causes().length} causes`,
    );
  }
}
