import type { TraceRequests, TraceSummary } from './traceMessages.js';

/** What a trace worker is started with: the file to open, or its bytes where the editor has no path for it. */
export interface TraceWorkerData {
  readonly name: string;
  readonly path: string | null;
  readonly bytes: Uint8Array | null;
}

/** What the host asks of the worker beyond the view's requests. */
export interface HostTraceRequests {
  /** Lines of the source around one, for sources that VS Code cannot open as text itself. */
  sourceLines: {
    params: { readonly first: number; readonly last: number };
    result: readonly string[];
  };
  /** Writes the trace to a file in another format; returns the number of bytes. */
  export: {
    params: { readonly format: string; readonly path: string };
    result: { readonly bytes: number };
  };
}

/** The view's requests, less those that the host answers itself. */
export type WorkerRequests = Omit<TraceRequests, 'showLine' | 'copyText'> & HostTraceRequests;

export interface WorkerEvents {
  updated: TraceSummary;
  failed: { readonly message: string; readonly code: string };
}
