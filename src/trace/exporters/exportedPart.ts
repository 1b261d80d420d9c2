import { Failure } from '../../base/errors.js';
import type { EventStore } from '../model/eventStore.js';
import type { LossReport } from '../model/traceMetadata.js';
import { TimeText } from './timeText.js';

/** What to export of a recording; without anything, all of it. */
export interface ExportChoice {
  /** Times in ns after the store's `baseNs`: events from the start on, those at the end and later not. */
  readonly range?: { readonly startNs: number; readonly endNs: number } | undefined;
  /** Only the events that were recorded on this CPU. */
  readonly cpu?: number | undefined;
}

/**
 * The rows of a recording that an exporter writes, and the losses among them. What the rest of the recording tells of
 * these rows may be used (who ran when the part began), but no event is made of it.
 */
export class ExportedPart {
  readonly firstRow: number;
  /** The row behind the last one of the range. */
  readonly endRow: number;
  /** Losses that may have hit the part. Of one that lies partly outside, the number of events is not known. */
  readonly losses: readonly LossReport[];
  /** How far an exporter has come: rows before this one are written. */
  reachedRow: number;

  /** The store must be sorted by time. Failure `wrong-usage` when the choice holds no event. */
  constructor(
    readonly store: EventStore,
    readonly choice: ExportChoice = {},
  ) {
    const { range, cpu } = choice;
    this.firstRow = range === undefined ? 0 : store.firstRowAtOrAfter(range.startNs);
    this.endRow = range === undefined ? store.length : store.firstRowAtOrAfter(range.endNs);
    this.reachedRow = this.firstRow;
    if ((range !== undefined || cpu !== undefined) && !this.#hasRows()) throw this.#nothing();
    this.losses = lossesIn(store, choice);
  }

  /** Whether a row from `firstRow` to `endRow` belongs to the part. */
  has(row: number): boolean {
    return this.choice.cpu === undefined || this.store.cpu[row] === this.choice.cpu;
  }

  /** Events that are left out before and behind. */
  get isTrimmed(): boolean {
    return this.choice.range !== undefined;
  }

  /** `from 5630.872217000 s to 5631.000000000 s, of CPU 1`; empty for the whole recording. */
  describe(): string {
    const { range, cpu } = this.choice;
    const time = new TimeText(this.store);
    const from =
      range === undefined
        ? ''
        : `from ${time.nanoseconds(range.startNs)} s to ${time.nanoseconds(range.endNs)} s`;
    const of = cpu === undefined ? '' : `of CPU ${cpu}`;
    return [from, of].filter((text) => text !== '').join(', ');
  }

  #hasRows(): boolean {
    for (let row = this.firstRow; row < this.endRow; row += 1) if (this.has(row)) return true;
    return false;
  }

  #nothing(): Failure {
    const { store } = this;
    const time = new TimeText(store);
    const all = `from ${time.nanoseconds(store.startNs)} s to ${time.nanoseconds(store.endNs)} s`;
    return new Failure(
      'wrong-usage',
      `There are no events ${this.describe()}; the recording has events ${all}, on CPUs up to ${store.cpuLimit - 1}. The end of a range does not belong to it.`,
    );
  }
}

function lossesIn(store: EventStore, { range, cpu }: ExportChoice): LossReport[] {
  return store.losses.flatMap((loss) => {
    if (cpu !== undefined && loss.cpu !== cpu) return [];
    if (range === undefined) return [loss];
    const { startNs, endNs } = store;
    const from = loss.afterNs ?? startNs;
    const to = loss.beforeNs ?? endNs;
    if (to < range.startNs || from >= range.endNs) return [];
    const beginsInside = from >= range.startNs;
    const endsInside = to < range.endNs;
    return [
      {
        ...loss,
        afterNs: beginsInside ? loss.afterNs : undefined,
        beforeNs: endsInside ? loss.beforeNs : undefined,
        count: beginsInside && endsInside ? loss.count : undefined,
      },
    ];
  });
}
