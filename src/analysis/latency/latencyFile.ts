import type { LatencyUnit } from '../../protocol/latencyMessages.js';

/** One part of a file that can be shown: a function, a kind of call, a distribution. */
export interface LatencyPart {
  /** By which a study names it; stays the same as long as the file does. */
  readonly key: string;
  /** For people. */
  readonly name: string;
  readonly count: number;
  /** The latencies in the unit of the file, rising. Worked out when it is asked for. */
  values(): Float64Array;
  /** Where the part tells more than the file: benchmark and kernel of a distribution. */
  readonly told?: ToldOfLatencies;
  /** What to know of these values. */
  readonly remark?: string;
}

/** What is known of latencies beside their values; undefined where nothing is. */
export interface ToldOfLatencies {
  readonly label?: string | undefined;
  readonly benchmark?: string | undefined;
  readonly probe?: string | undefined;
  readonly machine?: string | undefined;
  readonly unit?: LatencyUnit | undefined;
}

/** A file of latencies, read. */
export interface LatencyFile {
  readonly path: string;
  /** At least one. The first stands for the file. */
  readonly parts: readonly LatencyPart[];
  /** Whether each part is a set of its own when the file is added, not a choice of one. */
  readonly addsAllParts: boolean;
  readonly told: ToldOfLatencies;
  /** Whether the unit follows from the file; else nanoseconds are assumed. */
  readonly tellsUnit: boolean;
  readonly badLines: number;
  /** The first of them, each with its line, and what else is wrong. */
  readonly remarks: readonly string[];
}
