/** What is deployed on a machine, in lines; without an editor. */
import { deployedFigures } from '../../protocol/deployedFigures.js';
import type { DeployedStatus } from '../../protocol/deployment.js';
import { deployedThere, modeText } from './deployChoices.js';

/** So many lines of a kernel's complaints fit into a dialog. */
const MOST_TROUBLE = 12;

/** The first says it in short. */
export function statusText(status: DeployedStatus): string[] {
  return [headline(status), ...figureLines(status), ...troubleLines(status)];
}

function headline(status: DeployedStatus): string {
  const { machine, state } = status;
  const there = deployedThere(status) ?? 'a model';
  switch (state) {
    case 'none':
      return `No model is deployed on ${machine}.`;
    case 'running':
      return `${there} is in the kernel of ${machine}.`;
    case 'rebooted':
      return `${machine} was started anew since ${there} was deployed: no model is in its kernel. It may have crashed.`;
    case 'missing':
      return `${there} was deployed on ${machine}, and is gone from its kernel.`;
  }
}

function figureLines({ stats, model, kernel }: DeployedStatus): string[] {
  if (stats === null) return kernel === '' ? [] : [`Linux ${kernel}`];
  const figures = deployedFigures(stats, model?.experiment ?? 1);
  const { calls, agreement, modelNs } = figures;
  return [
    `Linux ${kernel}, mode ${modeText(stats.mode).toLowerCase()}, ${stats.swaps} swaps`,
    `${calls.toLocaleString('en')} calls, of ${stats.notAsked.toLocaleString('en')} it could not be asked`,
    ...(agreement === null || agreement.accuracy === null
      ? []
      : [
          `accuracy ${percent(agreement.accuracy)}; always saying the more frequent ${percent(agreement.baseline)}; balanced accuracy ${percent(agreement.balancedAccuracy)}`,
        ]),
    ...(modelNs === null ? [] : [`${modelNs.toFixed(0)} ns for the model each call`]),
    `${stats.modelBytes} bytes of model, ${stats.stateBytes} of state; self-test ${stats.selfTest}`,
    ...figures.remarks,
  ];
}

function troubleLines({ trouble }: DeployedStatus): string[] {
  if (trouble.length === 0) return [];
  const more = trouble.length - MOST_TROUBLE;
  return [
    '',
    'Its kernel complains:',
    ...trouble.slice(0, MOST_TROUBLE),
    ...(more > 0 ? [`… and ${more} more lines`] : []),
  ];
}

function percent(share: number | null): string {
  return share === null ? '—' : `${(share * 100).toFixed(1)} %`;
}
