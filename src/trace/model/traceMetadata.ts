/** What is known of a recording beside its events. */

/** Events that the recorder dropped: it says so between two events of a CPU. */
export interface LossReport {
  readonly cpu: number;
  /** Offset (ns after `baseNs`) of the last event of that CPU before the loss; undefined at the very start. */
  afterNs: number | undefined;
  /** Offset of the first event of that CPU after the loss; undefined while none has followed. */
  beforeNs: number | undefined;
  /** How many; undefined when the recorder does not tell. */
  readonly count: number | undefined;
  /** Line or record of the source that reports it, 1-based. */
  readonly line: number;
}

/** What a trace of this format can hold at all. What is false here is unknown, never zero. */
export interface Capabilities {
  /** Wakeup events: without them wakeup latencies cannot be known. */
  readonly wakeups: boolean;
  /** The state a task was switched out in: without it preemption cannot be told from sleep. */
  readonly prevState: boolean;
  /** Priorities of tasks. */
  readonly priorities: boolean;
  /** Whether source positions are lines of text that a user can look at. */
  readonly textLines: boolean;
}

/** A remark on the source that a user should see: what was skipped, what is suspicious. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning' | 'info';
  readonly message: string;
  /** 1-based line or record, when it is about one. */
  readonly line?: number;
  /** The file it is about, when the recording lies in several. */
  source?: string;
}

/** Facts about the recording as a whole, as far as the source tells them. */
export interface TraceMetadata {
  /** Name of the importer, e.g. `tracefs-text`. */
  format: string;
  /** Kernel release, tracer version, … as `name → value`, in the source's words. */
  readonly properties: Map<string, string>;
  capabilities: Capabilities;
  /** Events overwritten in the ring buffer before they could be read (written − in buffer); undefined: not told. */
  overwrittenEvents: number | undefined;
  /** Number of CPUs the source says the machine has (`#P:4`); undefined: not told. */
  cpuCount: number | undefined;
}
