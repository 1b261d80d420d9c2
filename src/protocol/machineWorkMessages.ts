/**
 * What the view of running work on test machines (a collection, a plan, benchmarks) asks of the extension, and what it is
 * told. What is not known is `null`, never 0.
 */

export type WorkKind = 'collection' | 'plan' | 'benchmarks';

/** `stopping`: what was collected is being kept. `cancelling`: it is being dropped. */
export type WorkStatus = 'running' | 'stopping' | 'cancelling' | 'done' | 'failed' | 'cancelled';

export type LanePhase =
  | 'waiting'
  | 'preparing'
  | 'collecting'
  | 'finishing'
  | 'verifying'
  | 'measuring'
  | 'done'
  | 'failed'
  | 'cancelled';

export interface CountersView {
  readonly elapsedMs: number;
  readonly events: number | null;
  readonly eventsPerSecond: number | null;
  readonly lostEvents: number | null;
  /** Events by what they say, in this order; null: of one kind. */
  readonly classes: readonly { readonly name: string; readonly events: number }[] | null;
  readonly receivedBytes: number;
}

/** What is going on on one machine. */
export interface LaneView {
  readonly machine: string;
  readonly phase: LanePhase;
  /** The workload or benchmark that runs, or why nothing does: `hackbench_pipe_small, run 2`. */
  readonly doing: string | null;
  readonly counters: CountersView | null;
  readonly failure: string | null;
}

export type CellState = 'waiting' | 'running' | 'done' | 'failed' | 'cancelled';

/** One run of the matrix: rows are workloads, columns are runs on machines. */
export interface CellView {
  readonly row: string;
  readonly column: string;
  readonly state: CellState;
  /** Why it failed, or what came of it. */
  readonly note: string | null;
}

export interface ArtifactView {
  /** Absolute path. */
  readonly path: string;
  /** As it is shown: relative to the workspace where it lies in it. */
  readonly name: string;
  readonly kind: 'recording' | 'results';
  readonly machine: string;
  readonly workload: string | null;
  readonly sizeBytes: number;
  readonly events: number | null;
  readonly lostEvents: number | null;
  readonly sha256: string | null;
}

export interface WorkRemark {
  readonly severity: 'error' | 'warning' | 'info';
  readonly machine: string | null;
  readonly text: string;
}

export interface WorkView {
  readonly kind: WorkKind;
  readonly title: string;
  /** How it is done, in words: `tracefs, 5 events, for 10 s`. */
  readonly description: string;
  readonly status: WorkStatus;
  /** The share that is done, 0…1; null when nobody can tell. */
  readonly share: number | null;
  readonly lanes: readonly LaneView[];
  readonly cells: readonly CellView[];
  readonly artifacts: readonly ArtifactView[];
  readonly remarks: readonly WorkRemark[];
}

export interface WorkRequests {
  workState: { params: Record<string, never>; result: WorkView };
  /** Finishes what runs and keeps it. */
  stopWork: { params: Record<string, never>; result: null };
  /** Drops what runs; what is finished stays. */
  cancelWork: { params: Record<string, never>; result: null };
  openArtifact: { params: { readonly path: string }; result: null };
  showWorkLog: { params: Record<string, never>; result: null };
}

export interface WorkEvents {
  workUpdated: WorkView;
}
