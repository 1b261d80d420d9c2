/** How a model can be deployed, as it is offered, and what is said of it; without an editor. */
import {
  DEPLOYED_MODES,
  type DeployedMode,
  type DeployedModel,
  type DeployedStatus,
  type DeployedWay,
} from '../../protocol/deployment.js';
import type { DeploymentPlan } from '../../remote/deploy/deployment.js';
import { labelOf, type Choice } from '../dataset/buildChoices.js';

/** How a model gets there over SSH; a patched kernel has its own built in. */
export type CarriedWay = Exclude<DeployedWay, 'patched'>;
export type WeightBits = 8 | 16 | 32;

export interface DeployChoices {
  readonly way: CarriedWay;
  readonly mode: DeployedMode;
  /** Of a weight; a tree has none. */
  readonly bits: WeightBits | null;
}

export const WAY_CHOICES: readonly Choice<CarriedWay>[] = [
  {
    value: 'ebpf',
    label: 'eBPF',
    detail:
      'A program that the kernel checks before it runs; the model is asked and counted, and never decides',
  },
  {
    value: 'module',
    label: 'Kernel module',
    detail: 'Can decide, too; compiled on the machine. A fault in a module can stop it: test machines only',
  },
];

const MODE_CHOICES: readonly Choice<DeployedMode>[] = [
  {
    value: 'shadow',
    label: 'Shadow',
    detail: 'The model is asked of every call, and what it says is counted; the kernel decides',
  },
  {
    value: 'active',
    label: 'Active',
    detail: 'The model decides which tasks are migrated, within the safety rule',
  },
  { value: 'off', label: 'Off', detail: 'It is there, and nothing hangs on can_migrate_task()' },
];

const BITS_CHOICES: readonly Choice<WeightBits>[] = [
  { value: 16, label: '16 bits', detail: 'Fixed point, nearly always as in floating point' },
  { value: 8, label: '8 bits', detail: 'Fixed point, half as large; look at the agreement first' },
  {
    value: 32,
    label: '32 bits',
    detail: 'Floating point: the module takes the FPU for each call, where it may',
  },
];

/** A program of eBPF cannot decide. */
export const MODES_OF: Readonly<Record<DeployedWay, readonly DeployedMode[]>> = {
  ebpf: ['off', 'shadow'],
  module: DEPLOYED_MODES,
  patched: DEPLOYED_MODES,
};

export function modeChoices(way: CarriedWay): readonly Choice<DeployedMode>[] {
  return MODE_CHOICES.filter(({ value }) => MODES_OF[way].includes(value));
}

/** A program of eBPF has no floats. */
export function bitsChoices(way: CarriedWay): readonly Choice<WeightBits>[] {
  return BITS_CHOICES.filter(({ value }) => way !== 'ebpf' || value !== 32);
}

export function wayText(way: DeployedWay): string {
  return way === 'patched' ? 'Patched kernel' : labelOf(WAY_CHOICES, way);
}

export function modeText(mode: DeployedMode): string {
  return labelOf(MODE_CHOICES, mode);
}

/** The usual one; nothing decides that was not asked to. */
export function usualChoices(isTree: boolean): DeployChoices {
  return { way: 'ebpf', mode: 'shadow', bits: isTree ? null : 16 };
}

/** The same for another way, with what that way has not replaced. */
export function withWay(choices: DeployChoices, way: CarriedWay): DeployChoices {
  const mode = modeChoices(way).some(({ value }) => value === choices.mode) ? choices.mode : 'shadow';
  const isOffered = bitsChoices(way).some(({ value }) => value === choices.bits);
  return { way, mode, bits: choices.bits === null ? null : isOffered ? choices.bits : 16 };
}

export const ACTIVE_TEXT =
  'The model will decide in place of the kernel which tasks the load balancer may migrate. It may refuse what the kernel allows; what the kernel refuses it may allow only where the task was refused for being cache-hot, never one that is pinned, running or throttled. Latencies and throughput of everything that runs there change.';

/** What the user agrees to: every step, numbered; what is there already, and what to mind. */
export function planText(plan: DeploymentPlan): string {
  const { machine, kernel, steps, warnings, deployed } = plan;
  const there = deployedThere(deployed);
  return [
    `On ${machine}, Linux ${kernel}:`,
    steps.map((step, at) => `${at + 1}. ${step}`).join('\n'),
    ...(there === null ? [] : [`What is there makes room: ${there}.`]),
    ...(plan.mode === 'active' ? [ACTIVE_TEXT] : []),
    ...warnings.map((warning) => `Mind: ${warning}`),
  ].join('\n\n');
}

/** `exp2-libml (eBPF, shadow)`; null: nothing is. */
export function deployedThere({ state, way, model, stats }: DeployedStatus): string | null {
  if (state === 'none') return null;
  const name = model?.run ?? 'a model';
  const how = [...(way === null ? [] : [wayText(way)]), ...(stats === null ? [] : [modeText(stats.mode)])];
  return how.length === 0 ? name : `${name} (${how.join(', ').toLowerCase().replace('ebpf', 'eBPF')})`;
}

/** What a machine lacks, a line each, with what can be done. */
export function missingText({ missing, installText }: DeploymentPlan): string {
  return [
    ...missing.map(({ what, advice }) => `Missing: ${what}. ${advice}`),
    ...(installText === '' ? [] : [`This would be run there:\n\n${installText}`]),
  ].join('\n');
}

/**
 * Why another model cannot take the place of the one that is deployed; null: as far as inputs tell, it can. What else the kernel
 * wants the same (layers, bits) it tells itself.
 */
export function inputObjection(
  deployed: Pick<DeployedModel, 'features' | 'experiment'>,
  retrained: Pick<DeployedModel, 'features' | 'experiment'>,
): string | null {
  if (deployed.experiment !== retrained.experiment) {
    return `The one there answers experiment ${deployed.experiment}, the new one ${retrained.experiment}.`;
  }
  const gone = deployed.features.filter((name) => !retrained.features.includes(name));
  const come = retrained.features.filter((name) => !deployed.features.includes(name));
  if (gone.length === 0 && come.length === 0) {
    return deployed.features.join() === retrained.features.join()
      ? null
      : `Its inputs come in another order: ${retrained.features.join(', ')}.`;
  }
  return [
    ...(gone.length === 0
      ? []
      : [`It lacks the input ${gone.join(', ')}, which did not vary in these recordings.`]),
    ...(come.length === 0 ? [] : [`It has the input ${come.join(', ')} besides.`]),
  ].join(' ');
}
