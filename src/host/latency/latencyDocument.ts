import type { LatencyFiles } from '../../analysis/latency/latencyFiles.js';
import { latencyDensities } from '../../analysis/latency/latencyDensities.js';
import { setsOf, usualBaseline } from '../../analysis/latency/latencyStudy.js';
import { Failure } from '../../base/errors.js';
import type {
  LatencySetChange,
  LatencySettings,
  LatencyState,
  LatencyStudy,
  LatencyStudySet,
} from '../../protocol/latencyMessages.js';
import { MOST_LATENCY_SETS } from '../../protocol/latencySchemas.js';

/** The study of a panel: what the user arranged, and what follows from it. Knows nothing of the editor. */
export class LatencyDocument {
  #version = 0;
  #isChanged = false;

  constructor(
    private readonly files: LatencyFiles,
    private study: LatencyStudy,
    /** The study file; null: it was not saved yet. */
    public file: string | null,
  ) {}

  get paths(): readonly string[] {
    return [...new Set(this.study.sets.map(({ path }) => path))];
  }

  get current(): LatencyStudy {
    return this.study;
  }

  async state(): Promise<LatencyState> {
    const version = ++this.#version;
    const { study } = this;
    const loaded = await this.files.load(study);
    return {
      version,
      study,
      file: this.file,
      isChanged: this.#isChanged,
      densities: latencyDensities(study, loaded),
    };
  }

  /** Adds files, each as the sets it holds. Failures: those of reading one; none is added then. `too-large`. */
  async add(paths: readonly string[]): Promise<void> {
    const added: LatencyStudySet[] = [];
    for (const path of paths) added.push(...setsOf(await this.files.file(path)));
    const sets = [...this.study.sets, ...added];
    if (sets.length > MOST_LATENCY_SETS) {
      throw new Failure(
        'too-large',
        `A study has at most ${MOST_LATENCY_SETS} sets; these are ${sets.length}.`,
      );
    }
    const baseline = this.study.baseline === '' ? usualBaseline(sets) : this.study.baseline;
    this.#change({ ...this.study, sets, baseline });
  }

  changeSet({ set, ...change }: LatencySetChange): void {
    const own = this.#set(set);
    const told = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
    const changed: LatencyStudySet = { ...own, ...told };
    const sets = this.study.sets.map((each) => (each === own ? changed : each));
    // The baseline is a label: it goes with the set that alone had it.
    const isOnly = !sets.some(({ label }) => label === this.study.baseline);
    const baseline = isOnly && own.label === this.study.baseline ? changed.label : this.study.baseline;
    this.#change({ ...this.study, sets, baseline });
  }

  removeSet(set: number): void {
    const own = this.#set(set);
    const sets = this.study.sets.filter((each) => each !== own);
    const isKept = sets.some(({ label }) => label === this.study.baseline);
    this.#change({ ...this.study, sets, baseline: isKept ? this.study.baseline : usualBaseline(sets) });
  }

  setBaseline(label: string): void {
    if (!this.study.sets.some((set) => set.label === label))
      throw new Error(`No set has the label "${label}".`);
    this.#change({ ...this.study, baseline: label });
  }

  changeSettings(settings: LatencySettings): void {
    this.#change({ ...this.study, settings });
  }

  saved(path: string): void {
    this.file = path;
    this.#isChanged = false;
  }

  pathOf(set: number): string {
    return this.#set(set).path;
  }

  #set(at: number): LatencyStudySet {
    const set = this.study.sets[at];
    if (set === undefined) throw new Error('This set was removed meanwhile.');
    return set;
  }

  #change(study: LatencyStudy): void {
    this.study = study;
    this.#isChanged = true;
  }
}
