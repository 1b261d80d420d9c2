import type { LossReport } from '../trace/model/traceMetadata.js';
import { CpuChange, CpuTimeline, UNKNOWN_THREAD } from './cpuTimeline.js';
import { RunQueueDepth } from './runQueueDepth.js';
import type { AnalysedTrace } from './analysedTrace.js';
import type { CpuRecord } from './schedulingModel.js';

/** Stands for "no row". */
export const NO_ROW = -1;

/** Where the pass over the events is on one CPU: what is believed to run there, and since when it is unknown. */
export class CpuCursor implements CpuRecord {
  readonly timeline: CpuTimeline;
  readonly depth: RunQueueDepth;
  /** Thread that runs; UNKNOWN_THREAD before the first switch and after a gap. */
  running = UNKNOWN_THREAD;
  /** Since when it runs, ns. */
  sinceNs = 0;
  /** First row of this CPU, or the first one after a gap that came before any switch. */
  firstRow = NO_ROW;
  lastRow = NO_ROW;
  /** Last row that confirms that `running` runs. */
  seenRow = NO_ROW;
  /** Who ran according to the newest rows that are no switches, and the first of these rows. */
  actorThread = UNKNOWN_THREAD;
  actorRow = NO_ROW;
  /** After a gap: the row from which on nothing was lost; NO_ROW when that is not known. */
  resumeRow = NO_ROW;
  /** Whether events before `firstRow` are known to be missing. */
  isStartLost = false;

  /** End of the next loss that has not been passed; Infinity when there is none. */
  nextLossNs = Infinity;
  #pendingLosses: LossReport[] = [];
  #hasLosses = false;

  contradictions = 0;
  /** Number of gaps so far: threads counted in an older epoch are not counted any more. */
  epoch = 0;
  /** By epoch: the row at which it ended. */
  readonly gapStartRows: number[] = [];
  /** Row at which the newest gap ended; NO_ROW while there is none or it lasts. */
  lastGapEndRow = NO_ROW;
  /** Threads running or waiting here, of those that are known. */
  count = 0;
  #isCountKnown = false;

  constructor(
    readonly cpu: number,
    trace: AnalysedTrace,
  ) {
    this.timeline = new CpuTimeline(trace, cpu);
    this.depth = new RunQueueDepth(trace);
  }

  get lastGapStartRow(): number {
    return this.gapStartRows.at(-1) ?? NO_ROW;
  }

  get isRecorded(): boolean {
    return this.lastRow !== NO_ROW || this.#hasLosses;
  }

  get unreportedGaps(): number {
    // With losses reported, contradictions are what they lead to.
    return this.#hasLosses ? 0 : this.contradictions;
  }

  addLoss(loss: LossReport): void {
    this.#hasLosses = true;
    this.#pendingLosses.push(loss);
    this.#findNextLoss();
  }

  /** Losses after which no event of this CPU followed. */
  get hasOpenLoss(): boolean {
    return this.#pendingLosses.some((loss) => loss.beforeNs === undefined);
  }

  /** Drops the losses that ended at or before a time. */
  passLosses(timeNs: number): void {
    this.#pendingLosses = this.#pendingLosses.filter((loss) => (loss.beforeNs ?? Infinity) > timeNs);
    this.#findNextLoss();
  }

  /** Losses close when an event follows them in the source: looked at again whenever rows were added. */
  refreshLosses(): void {
    if (this.#pendingLosses.length > 0) this.#findNextLoss();
  }

  /** What happened after `startRow` is not known. `endRow`: nothing was lost from there on; NO_ROW unknown. */
  beginGap(startRow: number, endRow: number): void {
    this.running = UNKNOWN_THREAD;
    this.epoch += 1;
    this.gapStartRows.push(startRow);
    this.lastGapEndRow = endRow;
    this.resumeRow = endRow;
    if (this.timeline.entries.length === 0) {
      this.firstRow = endRow;
      this.isStartLost = true;
    } else {
      this.timeline.push(startRow, CpuChange.BecameUnknown);
    }
    this.count = 0;
    this.#isCountKnown = false;
    this.depth.becomeUnknown(startRow);
  }

  /** A switch: from here on the count holds. */
  startCounting(row: number): void {
    this.#isCountKnown = true;
    this.noteCount(row);
  }

  /** Takes what is new into the summaries of the lanes that are always shown. */
  summarise(): void {
    for (const timeline of [this.timeline, this.depth]) {
      timeline.prepare(timeline.picture);
      timeline.prepare(timeline.totals);
    }
  }

  noteCount(row: number): void {
    if (this.#isCountKnown) this.depth.note(row, this.count);
  }

  #findNextLoss(): void {
    this.nextLossNs = Infinity;
    for (const { beforeNs } of this.#pendingLosses) {
      if (beforeNs !== undefined && beforeNs < this.nextLossNs) this.nextLossNs = beforeNs;
    }
  }
}
