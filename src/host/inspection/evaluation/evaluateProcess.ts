import { embeddedEngineNodeOptions } from '../../../learning/engines/embedded/nodeOptions.js';
import {
  readEvaluatorEvent,
  type AuditCommand,
  type EvaluateCommand,
  type EvaluatorEvent,
  type EvaluatorResult,
} from '../../../workers/evaluatorMessages.js';
import { workInProcess } from '../../workInProcess.js';

export interface EvaluateOptions {
  /** dist/evaluator.cjs */
  readonly program: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly command: EvaluateCommand | AuditCommand;
  readonly signal: AbortSignal;
  /** @param share of the phase, 0…1 */
  readonly onProgress: (phase: string, share: number) => void;
}

/**
 * Evaluates a run and audits it, or only audits it, in a process of its own.
 * Failures: `cancelled`; `bad-input` with what evaluation or audit say; `too-large` when the process ended without a word.
 */
export function evaluateInProcess({ onProgress, ...options }: EvaluateOptions): Promise<EvaluatorResult> {
  return workInProcess<EvaluateCommand | AuditCommand, EvaluatorEvent, EvaluatorResult>({
    ...options,
    nodeOptions: embeddedEngineNodeOptions(process.versions.node),
    read: readEvaluatorEvent,
    resultOf: (event) => {
      if (event.kind === 'progress') onProgress(event.phase, event.share);
      return event.kind === 'done' ? event : undefined;
    },
    words: {
      work: options.command.kind === 'audit' ? 'The audit' : 'The evaluation',
      process: 'The process that evaluates the run',
      smaller:
        'Close other programs, or evaluate it on fewer recordings, or with "kernel-oracle evaluate" on a machine with more memory.',
    },
  });
}
