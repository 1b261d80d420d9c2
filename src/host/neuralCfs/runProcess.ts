import { embeddedEngineNodeOptions } from '../../learning/engines/embedded/nodeOptions.js';
import type { CarriedModelView } from '../../protocol/neuralCfsRunMessages.js';
import {
  readRunTrainerEvent,
  type EmittedSummary,
  type RunSettings,
  type RunTrainerEvent,
  type RunTrainerWork,
  type TrainedSummary,
} from '../../workers/neuralCfsTrainerMessages.js';
import { workInProcess } from '../workInProcess.js';

interface EmitWork {
  /** Folder of the run. */
  readonly run: string;
  readonly target: Extract<RunTrainerWork, { kind: 'emit' }>['target'];
  /** `null`: those that are usual, or none to choose. */
  readonly bits: 8 | 16 | 32 | null;
  /** Folder to write; what was emitted there before is replaced. */
  readonly output: string;
}

/** What is told while it goes on. */
export interface RunWork {
  readonly signal: AbortSignal;
  readonly onProgress?: (text: string) => void;
}

/**
 * Training of models of calls, and all that takes long of carrying them over, in a process of its own each.
 * Failures of all: `cancelled`; `bad-input` with what the process tells; `too-large` when it ended without a word.
 */
export class RunProcesses {
  constructor(
    /** dist/neuralCfsTrainer.cjs */
    private readonly program: string,
    /** media/libml */
    private readonly library: string,
  ) {}

  /** Writes the run into `output`, where nothing may be. */
  train(settings: RunSettings, output: string, work: RunWork): Promise<TrainedSummary> {
    return this.#run({ kind: 'train', settings, output }, work, TRAINING, (event) =>
      event.kind === 'trained' ? event : undefined,
    );
  }

  /** What the model of a run takes in each form. */
  carry(run: string, work: RunWork): Promise<CarriedModelView> {
    return this.#run({ kind: 'carry', run }, work, CARRYING, (event) =>
      event.kind === 'carried' ? event.carried : undefined,
    );
  }

  emit(emit: EmitWork, work: RunWork): Promise<EmittedSummary> {
    return this.#run({ kind: 'emit', ...emit, library: this.library }, work, CARRYING, (event) =>
      event.kind === 'emitted' ? event : undefined,
    );
  }

  #run<T>(
    command: RunTrainerWork,
    { signal, onProgress }: RunWork,
    words: typeof TRAINING,
    resultOf: (event: RunTrainerEvent) => T | undefined,
  ): Promise<T> {
    return workInProcess<RunTrainerWork, RunTrainerEvent, T>({
      ...{ program: this.program, command, signal, words },
      nodeOptions: embeddedEngineNodeOptions(process.versions.node),
      read: readRunTrainerEvent,
      resultOf: (event) => {
        if (event.kind === 'progress') onProgress?.(event.text);
        return resultOf(event);
      },
    });
  }
}

const TRAINING = {
  work: 'The training',
  process: 'The process that trains models of calls',
  smaller:
    'Train on fewer recordings, or with "kernel-oracle neural-cfs train" on a machine with more memory.',
};

const CARRYING = {
  work: 'Carrying the model over',
  process: 'The process that carries models over',
  smaller: 'Train a smaller model.',
};
