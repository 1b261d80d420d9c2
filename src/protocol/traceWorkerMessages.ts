import type { MigrationRequests, RecordFilter, RecordsState } from './migrationMessages.js';
import type { TimelineMigrations } from './timelineMigrations.js';
import type { HostMethod, TimeRange, TraceRequests, TraceSummary } from './traceMessages.js';

/** What a worker found the file to be; the view follows it. */
export type WorkerDocumentKind = 'trace' | 'migrationRecords';

/** A file to read: by its path, or its bytes where the editor has no path for it. */
export interface WorkerFile {
  readonly name: string;
  readonly path: string | null;
  readonly bytes: Uint8Array | null;
}

/** What a trace worker is started with. */
export interface TraceWorkerData {
  /** What the view calls it. */
  readonly name: string;
  /** The file, or the files of one recording. */
  readonly files: readonly WorkerFile[];
  /** Path of a folder that is a recording; then there are no files. */
  readonly folder: string | null;
  /** Migration records that the user has laid on this trace's timeline. */
  readonly records: readonly WorkerFile[];
}

/** What the host asks of the worker beyond the view's requests. */
export interface HostTraceRequests {
  /** Lines of the source around one, for sources that VS Code cannot open as text itself. */
  sourceLines: {
    params: { readonly source: number; readonly first: number; readonly last: number };
    result: readonly string[];
  };
  /** Path of one of `TraceSummary.sources`, for recordings in a folder; null when there is none. */
  sourcePath: { params: { readonly source: number }; result: string | null };
  /** Writes the trace, or the events of a range or CPU, to a file in another format. */
  export: {
    params: {
      readonly format: string;
      readonly path: string;
      readonly range: TimeRange | null;
      readonly cpu: number | null;
    };
    result: { readonly bytes: number; readonly events: number };
  };
  /** The export that is going on fails with `cancelled`. */
  cancelExport: { params: Record<string, never>; result: null };
  /** Writes the migration records that a filter leaves to a file, as they stand in the source. */
  exportRecords: {
    params: { readonly filter: RecordFilter; readonly path: string };
    result: { readonly rows: number; readonly bytes: number };
  };
  /** Lays files of migration records on the timeline; what became of them is told by `migrationsUpdated`. */
  addRecords: { params: { readonly files: readonly WorkerFile[] }; result: null };
}

/** The views' requests, less those that the host answers itself. */
export type WorkerRequests = Omit<TraceRequests, HostMethod> &
  Omit<MigrationRequests, 'saveRecords' | 'showRecordLine'> &
  HostTraceRequests;

export interface WorkerEvents {
  /** The first of all, unless the file cannot be opened. */
  recognised: {
    readonly kind: WorkerDocumentKind;
    /** Which of several files are migration records, and so no part of the trace. */
    readonly recordFiles: readonly number[];
  };
  updated: TraceSummary;
  migrationsUpdated: TimelineMigrations;
  recordsUpdated: RecordsState;
  failed: { readonly message: string; readonly code: string };
  /** How much of an export is written, 0…1. */
  exporting: { readonly share: number };
}
