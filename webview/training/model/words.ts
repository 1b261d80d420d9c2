import { durationText } from '../../../src/base/durationText.js';
import type { TrainingProgress } from '../../../src/protocol/trainerMessages.js';
import type {
  MetricsRow,
  PartOfMetrics,
  TrainingView,
  TrainingViewState,
} from '../../../src/protocol/trainingPanelMessages.js';
import { formatCount, formatDuration, unknownText } from '../../common/format.js';
import type { Mark } from '../../common/stateMark.js';

export const STATES: Readonly<Record<TrainingViewState, { readonly mark: Mark; readonly text: string }>> = {
  queued: { mark: 'waiting', text: 'waiting for its turn' },
  starting: { mark: 'running', text: 'starting' },
  running: { mark: 'running', text: 'training' },
  paused: { mark: 'waiting', text: 'paused' },
  stopping: { mark: 'running', text: 'stopping: what was learnt is being saved' },
  finished: { mark: 'passed', text: 'finished' },
  cancelled: { mark: 'dropped', text: 'cancelled' },
  failed: { mark: 'failed', text: 'failed' },
  interrupted: { mark: 'warning', text: 'interrupted: its process is gone' },
  unreadable: { mark: 'warning', text: 'cannot be read' },
};

export const PARTS: Readonly<Record<PartOfMetrics, { readonly title: string; readonly what: string }>> = {
  validation: { title: 'Validation', what: 'the part by which the best epoch was chosen' },
  seen: { title: 'Seen test', what: 'recordings of categories that it was trained on' },
  unseen: { title: 'Unseen test', what: 'the category that was held out' },
};

/** What it does now. */
export function stateText({ state, progress, foreignProcess }: TrainingView): string {
  if (foreignProcess !== null) return `${STATES[state].text} in process ${foreignProcess}`;
  if (state !== 'running' || progress === null) return STATES[state].text;
  if (progress.phase === 'validating') return 'validating';
  return progress.phase === 'evaluating' ? 'measuring it beside the baselines' : STATES[state].text;
}

/** Done of the epoch that runs, 0…1; null when none does or nobody can tell. */
export function epochShare({ phase, batch, batches }: TrainingProgress): number | null {
  if (phase === 'validating' || phase === 'evaluating') return 1;
  return batches === 0 ? null : Math.min(1, batch / batches);
}

/** Done of the whole run, 0…1; early stopping may end it sooner. Null: nobody can tell. */
export function wholeShare({ state, progress, epoch, epochs }: TrainingView): number | null {
  if (state === 'finished') return 1;
  if (epochs === 0) return null;
  if (progress === null) return Math.min(1, epoch / epochs);
  return Math.min(1, (progress.epoch - 1 + (epochShare(progress) ?? 0)) / epochs);
}

/** At least a second. */
export function formatRemaining(remainingMs: number): string {
  return durationText(Math.max(1, Math.round(remainingMs / 1000)));
}

/** A loss or an error, four digits. */
export function formatLoss(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return unknownText;
  return Math.abs(value) >= 1000 || (value !== 0 && Math.abs(value) < 1e-3)
    ? value.toExponential(3)
    : value.toPrecision(4);
}

/** A share 0…1 with two decimals: models differ by less than a tenth of a per cent. */
export function formatAccuracy(share: number | null): string {
  return share === null ? unknownText : `${(share * 100).toFixed(2)} %`;
}

/** `0.001`, `5e-7`: as people write learning rates. */
export function formatRate(rate: number): string {
  if (rate === 0) return '0';
  return rate < 1e-4 ? rate.toExponential().replace('+', '') : String(Number(rate.toPrecision(4)));
}

/** The figure of a row by which models are compared, with its name. */
export function mainFigureText({ accuracy, maeLog }: MetricsRow): string {
  return accuracy === null ? `error ${formatLoss(maeLog)}` : `accuracy ${formatAccuracy(accuracy)}`;
}

/** How the model stands beside the best baseline on a part, in a sentence. */
export function verdictOf(model: MetricsRow, baseline: MetricsRow | undefined): string {
  const isTask = model.accuracy !== null;
  const [own, other] = isTask
    ? [model.accuracy, baseline?.accuracy ?? null]
    : [model.maeLog, baseline?.maeLog ?? null];
  if (own === null) return 'Nothing could be measured: the part has no target.';
  if (baseline === undefined || other === null) return `The model has ${mainFigureText(model)}.`;
  const beside = `${baseline.name} (${mainFigureText(baseline)})`;
  const difference = isTask ? own - other : other - own;
  const amount = isTask
    ? `${Math.abs(difference * 100).toFixed(2)} percentage points`
    : `${formatLoss(Math.abs(difference))} of ln(1 + ns)`;
  if (difference === 0) return `The model is exactly as good as the best baseline, ${beside}.`;
  return difference > 0
    ? `The model is ${amount} better than the best baseline, ${beside}.`
    : `The model does not beat the best baseline: it is ${amount} worse than ${beside}.`;
}

/** `1,234 of 40,000 targets (3.09 %)`. */
export function formatUnknown({ unknownTargets, targets }: MetricsRow): string {
  if (unknownTargets === null) return unknownText;
  const share = targets === 0 ? '' : ` (${formatAccuracy(unknownTargets / targets)})`;
  return `${formatCount(unknownTargets)} of ${formatCount(targets)} targets${share}`;
}

export function formatNs(ns: number | null): string {
  return ns === null ? unknownText : formatDuration(ns);
}
