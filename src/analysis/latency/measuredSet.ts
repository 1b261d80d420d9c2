import type { LatencyStudySet } from '../../protocol/latencyMessages.js';
import type { ComparedLatencies } from './latencyFigures.js';
import type { LatencyFile, LatencyPart } from './latencyFile.js';

/** A set of a study with its file, or why that cannot be used. */
export interface LoadedSet {
  readonly set: LatencyStudySet;
  readonly file: LatencyFile | Error;
}

/** A set with its values. */
export interface MeasuredSet extends ComparedLatencies {
  /** Its place in the study. */
  readonly at: number;
  readonly set: LatencyStudySet;
  readonly file: LatencyFile;
  readonly part: LatencyPart;
}
