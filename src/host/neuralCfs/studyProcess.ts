import { embeddedEngineNodeOptions } from '../../learning/engines/embedded/nodeOptions.js';
import type { StudyProgress } from '../../learning/migrations/study/studyProgress.js';
import {
  readStudentEvent,
  type StudentEvent,
  type StudiedSummary,
  type StudyCommand,
} from '../../workers/neuralCfsStudentMessages.js';
import { workInProcess } from '../workInProcess.js';

export interface StudyProcessOptions {
  /** dist/neuralCfsStudent.cjs */
  readonly program: string;
  readonly command: StudyCommand;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: StudyProgress) => void;
}

/**
 * Studies migration records in a process of its own, and writes the file.
 * Failures: `cancelled`; `bad-input` with the message of `makeStudy`; `too-large` when the process ended without a word.
 */
export function studyInProcess({ onProgress, ...options }: StudyProcessOptions): Promise<StudiedSummary> {
  return workInProcess<StudyCommand, StudentEvent, StudiedSummary>({
    ...options,
    nodeOptions: embeddedEngineNodeOptions(process.versions.node),
    read: readStudentEvent,
    resultOf: (event) => {
      if (event.kind === 'progress') onProgress(event);
      return event.kind === 'studied' ? event : undefined;
    },
    words: {
      work: 'The study',
      process: 'The process that studies migration records',
      smaller:
        'Study fewer recordings, or with "kernel-oracle neural-cfs study" on a machine with more memory.',
    },
  });
}
