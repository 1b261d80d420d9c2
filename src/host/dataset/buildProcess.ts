import type { BuildProgress } from '../../dataset/buildDataSet.js';
import {
  readBuilderEvent,
  type BuildCommand,
  type BuilderEvent,
  type BuildSummary,
} from '../../workers/dataSetBuilderMessages.js';
import { workInProcess } from '../workInProcess.js';

export interface BuildOptions {
  /** Path of the built `dataSetBuilder`. */
  readonly program: string;
  readonly command: BuildCommand;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: BuildProgress) => void;
}

/**
 * Builds a data set in a process of its own.
 * Failures: `cancelled`; `bad-input` with the message of `buildDataSet`; `too-large` when the process ended without a word.
 */
export function buildInProcess({ onProgress, ...options }: BuildOptions): Promise<BuildSummary> {
  return workInProcess<BuildCommand, BuilderEvent, BuildSummary>({
    ...options,
    read: readBuilderEvent,
    resultOf: (event) => {
      if (event.kind === 'progress') onProgress(event.progress);
      return event.kind === 'built' ? event.summary : undefined;
    },
    words: {
      work: 'Building the data set',
      process: 'The process that builds the data set',
      smaller:
        'Build it of fewer recordings, or with "kernel-oracle dataset build" on a machine with more memory.',
    },
  });
}
