/** What a machine has in its kernel, in words and figures; pure functions. */
import { localTimeToSecond } from '../../../src/base/localTime.js';
import { deployedFigures, type DeployedFigures } from '../../../src/protocol/deployedFigures.js';
import type {
  DeployedMode,
  DeployedStats,
  DeployedStatus,
  DeployedWay,
} from '../../../src/protocol/deployment.js';
import type { CarriedModelView, DeployedMachineView } from '../../../src/protocol/neuralCfsRunMessages.js';
import { formatBytes, formatCount, formatDuration, formatShare, unknownText } from '../../common/format.js';
import type { Mark } from '../../common/stateMark.js';

export const WAYS: Readonly<Record<DeployedWay, string>> = {
  ebpf: 'eBPF',
  module: 'kernel module',
  patched: 'patched kernel',
};

export const MODES: Readonly<Record<DeployedMode, { readonly label: string; readonly title: string }>> = {
  off: { label: 'Off', title: 'Nothing hangs on can_migrate_task()' },
  shadow: { label: 'Shadow', title: 'The model is asked of every call and counted; the kernel decides' },
  active: { label: 'Active', title: 'The model decides, within the safety rule. You are asked first' },
};

/** Why a mode cannot be chosen; null: it can. */
export function modeObjection({ way }: DeployedStats, mode: DeployedMode): string | null {
  return mode === 'active' && way === 'ebpf' ? 'A program of eBPF can only watch' : null;
}

/** The state in short, with its mark. */
export function stateOf({ status, state, doing }: DeployedMachineView): {
  readonly mark: Mark;
  readonly text: string;
} {
  if (doing !== null) return { mark: 'running', text: `${doing}…` };
  if (status === null) {
    return state.kind === 'ready' || state.kind === 'busy'
      ? { mark: 'waiting', text: 'not asked yet' }
      : { mark: 'waiting', text: `not asked since this window opened (${state.text})` };
  }
  switch (status.state) {
    case 'running':
      return status.trouble.length > 0 || status.stats?.selfTest === 'failed'
        ? { mark: 'failed', text: 'in its kernel, and there is trouble' }
        : { mark: 'passed', text: 'in its kernel' };
    case 'none':
      return { mark: 'unknown', text: 'nothing is deployed' };
    case 'rebooted':
      return { mark: 'failed', text: 'the machine was started anew since: it may have crashed' };
    case 'missing':
      return { mark: 'failed', text: 'it was deployed, and is gone from the kernel' };
  }
}

/** What must not be overlooked, the gravest first. */
export function alarmsOf({ status, failure }: DeployedMachineView): string[] {
  const alarms = failure === null ? [] : [failure];
  if (status === null) return alarms;
  const { state, machine, stats, trouble } = status;
  if (state === 'rebooted') {
    alarms.push(
      `${machine} was started anew since the model was deployed, and no model is in its kernel any more. It may have crashed.`,
    );
  }
  if (state === 'missing') {
    alarms.push(
      'Something took the model out of the kernel without a word. Remove it here, and deploy it again.',
    );
  }
  if (stats?.selfTest === 'failed') {
    alarms.push('The model failed its self-test in the kernel, and was switched off. The kernel decides.');
  }
  if (trouble.length > 0) alarms.push('The kernel complained since the model was deployed:');
  return alarms;
}

/** Whether it is the run of this panel, by the words that it has there: `null` as long as these are not known here. */
export function isThisRun(
  { model }: Pick<DeployedStatus, 'model'>,
  carried: CarriedModelView | string | null,
): boolean | null {
  if (model === null || carried === null || typeof carried === 'string') return null;
  return carried.forms.some(({ wordsSha256 }) => wordsSha256 === model.wordsSha256);
}

/** `This model (eBPF, 16 bits), deployed …`. */
export function identityText(
  { model, way }: DeployedStatus,
  carried: CarriedModelView | string | null,
): string {
  if (model === null) return 'Which model it is, nobody wrote down.';
  const isThis = isThisRun({ model }, carried);
  const who =
    isThis === true
      ? 'This model'
      : isThis === false
        ? `Another model, ${model.run}`
        : `A model named ${model.run}`;
  const how = [
    ...(way === null ? [] : [WAYS[way]]),
    ...(model.bits === null ? [] : [model.bits === 32 ? 'float32' : `${model.bits} bits`]),
    `experiment ${model.experiment}`,
  ].join(', ');
  return `${who} (${how}), put there ${localTimeToSecond(model.at)}.`;
}

export interface FigureLine {
  readonly label: string;
  readonly value: string;
  readonly title: string;
}

/** The figures beside the table, each with what it is to be held against. */
export function figureLines(status: DeployedStatus): FigureLine[] {
  const { stats, model } = status;
  if (stats === null) return [];
  const figures = deployedFigures(stats, model?.experiment ?? 1);
  return [...agreementLines(figures), ...costLines(figures, stats), ...stateLines(stats)];
}

export function remarksOf({ stats, model }: DeployedStatus): readonly string[] {
  return stats === null ? [] : deployedFigures(stats, model?.experiment ?? 1).remarks;
}

const share = (value: number | null) => (value === null ? unknownText : formatShare(value));

function agreementLines({ agreement, forcedAllowed }: DeployedFigures): FigureLine[] {
  if (agreement === null) return [];
  const { accuracy, baseline, moreFrequent, balancedAccuracy, recall, precision, positive } = agreement;
  const often =
    moreFrequent === null ? '' : moreFrequent === 'positive' ? ` (${positive})` : ` (not ${positive})`;
  return [
    {
      label: 'Accuracy',
      value: share(accuracy),
      title: `Share of calls of which the model says what is so: ${positive}, or not`,
    },
    {
      label: 'Always the more frequent',
      value: `${share(baseline)}${often}`,
      title: 'The accuracy of whoever says the same of every call: a model that knows something is above it',
    },
    {
      label: 'Balanced accuracy',
      value: share(balancedAccuracy),
      title: 'Mean of the shares that are right among both classes; 50 % for whoever says the same of all',
    },
    { label: `Recall of “${positive}”`, value: share(recall), title: 'Share of these calls that it finds' },
    {
      label: `Precision of “${positive}”`,
      value: share(precision),
      title: 'Share of its alarms that are right',
    },
    ...(forcedAllowed === null
      ? []
      : [
          {
            label: 'Forced, allowed',
            value: share(forcedAllowed),
            title: 'Share of the forced migrations that the model would allow, too',
          },
        ]),
  ];
}

function costLines(
  { modelNs, callNs, calls, notAsked }: DeployedFigures,
  stats: DeployedStats,
): FigureLine[] {
  return [
    { label: 'Calls', value: formatCount(calls), title: 'Of which the model was asked, since it came there' },
    {
      label: 'Not asked',
      value: formatCount(notAsked),
      title: 'Calls of which the model could not be asked: no FPU there, or it was just being swapped',
    },
    {
      label: 'Model, a call',
      value: modelNs === null ? unknownText : formatDuration(modelNs),
      title: 'With reading its inputs, on the average',
    },
    {
      label: 'can_migrate_task(), a call',
      value: callNs === null ? unknownText : formatDuration(callNs),
      title: 'With what the hook adds, without the model; on the average',
    },
    {
      label: 'Memory',
      value: `${formatBytes(stats.modelBytes)} + ${formatBytes(stats.stateBytes)}`,
      title: 'Of the model, and of its state',
    },
  ];
}

function stateLines({ swaps, overruled, vetoed, selfTest, mode }: DeployedStats): FigureLine[] {
  const decided = overruled.toRefused + overruled.toAllowed + vetoed > 0 || mode === 'active';
  return [
    { label: 'Swaps', value: formatCount(swaps), title: 'Models swapped in since it was loaded' },
    { label: 'Self-test', value: selfTest, title: 'Whether it says there of known rows what it should' },
    ...(!decided
      ? []
      : [
          {
            label: 'Overruled to refused',
            value: formatCount(overruled.toRefused),
            title: 'The kernel would have allowed, and the model refused',
          },
          {
            label: 'Overruled to allowed',
            value: formatCount(overruled.toAllowed),
            title: 'The kernel would have refused, and the model allowed',
          },
          {
            label: 'Vetoes',
            value: formatCount(vetoed),
            title: 'The model would have allowed, and the safety rule forbade it',
          },
        ]),
  ];
}
