import type { MigrationDetail, TimelineMigrations } from '../../../src/protocol/timelineMigrations.js';
import type { LaneId, SliceDetail, TimeRange, TraceSummary } from '../../../src/protocol/traceMessages.js';
import { Signal } from '../../common/signal.js';
import type { MigrationMode } from '../migrations/migrationModes.js';

/** How times are written: since the start of the trace, or as the recording's clock has them. */
export type TimeMode = 'relative' | 'absolute';

/** What was chosen by a click or a step: a slice or interval of a lane. */
export interface SelectedSlice {
  readonly lane: LaneId;
  readonly detail: SliceDetail;
}

/** What the parts of the view share. Each part sets what its user does and follows what others set. */
export class TraceModel {
  readonly summary = new Signal<TraceSummary | null>(null);
  /** Why the trace cannot be shown. */
  readonly failure = new Signal<string | null>(null);
  /** Time on screen. */
  readonly view = new Signal<TimeRange>({ startNs: 0, endNs: 1 });
  /** The selected range, to which statistics are confined. */
  readonly selection = new Signal<TimeRange | null>(null);
  /** The selected thread. */
  readonly thread = new Signal<number | null>(null);
  readonly slice = new Signal<SelectedSlice | null>(null);
  /** Migrations that can be marked; null: nothing is known of them yet. */
  readonly migrations = new Signal<TimelineMigrations | null>(null);
  /** Which of them are marked. */
  readonly migrationMode = new Signal<MigrationMode>('off');
  /** The selected migration; a slice or a migration is selected, never both. */
  readonly migration = new Signal<MigrationDetail | null>(null);
  readonly timeMode = new Signal<TimeMode>('relative');
  /** Text for the live region of screen readers. */
  readonly announcement = new Signal<string>('');
  /** A short message that goes away by itself. */
  readonly notice = new Signal<{ readonly text: string; readonly isError: boolean } | null>(null);

  get baseNs(): bigint {
    return BigInt(this.summary.value?.baseNs ?? '0');
  }

  /** The time that the recording covers. */
  get bounds(): TimeRange {
    const summary = this.summary.value;
    if (summary === null || summary.endNs <= summary.startNs) return { startNs: 0, endNs: 1000 };
    return { startNs: summary.startNs, endNs: summary.endNs };
  }

  announce(text: string): void {
    this.announcement.set(text);
  }

  note(text: string): void {
    this.notice.set({ text, isError: false });
  }

  complain(text: string): void {
    this.notice.set({ text, isError: true });
  }
}
