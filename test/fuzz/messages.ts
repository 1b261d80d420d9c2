/** What the process that leads and those that run the inputs tell each other. */
import type { FuzzOutcome } from './fuzzRun.js';
import type { KeptInput } from './fuzzInput.js';

/** Some runs of one format, done by a process of its own. */
export interface Job {
  readonly format: string;
  readonly seed: number;
  readonly runs: readonly number[];
  /** Inputs to go on from. */
  readonly kept: readonly KeptInput[];
  /** Instead of `kept`: the earlier runs that the only run goes on from, newest first. */
  readonly lineage?: readonly number[];
  /** What was seen of the code before; undefined for nothing. */
  readonly seen: Uint8Array | undefined;
  /** The run that is going on is noted here, to be known when the process has to be ended. */
  readonly statePath: string;
}

/** What stands in the file at `statePath`. */
export interface JobState {
  readonly run: number;
  readonly lineage: readonly number[];
}

export type FindingKind = 'exception' | 'defect' | 'hang' | 'memory' | 'crash';

export interface Finding extends JobState {
  readonly format: string;
  readonly kind: FindingKind;
  /** With the stack, where there is one. */
  readonly message: string;
  readonly input: Uint8Array;
  readonly byDetection: boolean;
}

export interface JobResult {
  readonly runs: number;
  readonly outcomes: Partial<Record<FuzzOutcome, number>>;
  readonly slowestMs: number;
  /** Most memory that the process had at any time of the job, beyond what it began with. */
  readonly peakBytes: number;
  readonly newlyKept: readonly KeptInput[];
  readonly seen: Uint8Array;
  readonly branches: number;
  /** The first ones of each cause. */
  readonly findings: readonly Finding[];
  readonly found: number;
  /** Set when the job ended early because one of these runs, the newest last, seems to take too much time or memory. */
  readonly suspects: readonly JobState[];
  readonly suspicion: 'hang' | 'memory' | undefined;
}

/** No input of less than a megabyte may take more. */
export const MEMORY_LIMIT_BYTES = 512 * 1024 * 1024;
/** No run may take longer. */
export const TIME_LIMIT_MS = 5000;

/** Same for findings of the same cause: kind, message without its numbers and quotations, innermost place in the sources. */
export function signatureOf({ format, kind, message }: Pick<Finding, 'format' | 'kind' | 'message'>): string {
  const [first = '', ...stack] = message.split('\n');
  const place = stack.find((line) => /^\s+at .*\/src\//.test(line)) ?? '';
  return [
    format,
    kind,
    first
      .replace(/"[^"]*"/g, 'Q')
      .replace(/-?\d+(?:\.\d+)?/g, 'N')
      .slice(0, 160),
    place.trim(),
  ].join(' | ');
}
