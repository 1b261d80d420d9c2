/** `measured.json` from all repeats. */
import type { DeployedMode, DeployedStats, DeployedStatus } from '../../../protocol/deployment.js';
import { deployedFigures } from '../../../protocol/deployedFigures.js';
import type { RemoteContext } from '../../remoteContext.js';
import { askedCalls, sumOfCounts } from './deployedCounts.js';
import { figuresOfLatencies, ratioByRepeat, together } from './derived.js';
import { latencyFileName } from './latencyOutput.js';
import type { StepMeasurement } from './latencyStep.js';
import {
  MEASURED_FORMAT,
  type Measured,
  type MeasuredInKernel,
  type MeasuredMachine,
  type MeasuredRepeat,
  type MeasuredResult,
} from './measured.js';
import type { MeasureRequest } from './measureRequest.js';
import { virtualName } from './measuredMachine.js';
import { sightOf, type LatencyProbe, type ModuleAttachment } from './probes.js';

export interface MeasuredStep {
  readonly repeat: MeasuredRepeat;
  readonly measurement: StepMeasurement | null;
}

export interface MeasuredCircumstances {
  readonly request: MeasureRequest;
  readonly modes: readonly DeployedMode[];
  readonly status: DeployedStatus;
  readonly machine: MeasuredMachine;
  readonly state: Measured['state'];
  readonly context: RemoteContext;
}

/** A repeat that has values. */
interface Done {
  readonly repeat: MeasuredRepeat;
  readonly measurement: StepMeasurement;
}

export function measuredDocument(steps: readonly MeasuredStep[], of: MeasuredCircumstances): Measured {
  const { request, modes, status, machine, state, context } = of;
  const done = steps.flatMap(({ repeat, measurement }): Done[] =>
    measurement === null || repeat.phase !== 'measured' ? [] : [{ repeat, measurement }],
  );
  const known = steps.flatMap(({ measurement }) => measurement ?? []);
  const stats = known.at(-1)?.stats ?? status.stats;
  const attachment = known.find((each) => each.attachment !== null)?.attachment ?? null;
  const results = request.probes.flatMap((probe) =>
    modes.flatMap((mode) => resultOf(mode, probe, done, of, attachment) ?? []),
  );
  const experiment = status.model?.experiment ?? null;
  const inKernel = modes.flatMap((mode) => inKernelOf(mode, done, experiment) ?? []);
  return {
    ...{ format: MEASURED_FORMAT, version: 1, state },
    generator: `kernel-oracle ${context.version}`,
    createdAt: context.now().toISOString(),
    machine,
    deployed: {
      way: status.way!,
      attachment: status.way === 'module' ? attachment : null,
      model: status.model,
      modelBytes: stats?.modelBytes ?? 0,
      stateBytes: stats?.stateBytes ?? 0,
      forcedBy: stats?.forcedBy ?? 'nothing',
    },
    workload: request.workload.name,
    seconds: request.seconds,
    repeatsAskedFor: request.repeats,
    warmUps: request.warmUps,
    seed: request.seed,
    tools: Object.assign({}, ...known.map(({ tools }) => tools)) as Record<string, string>,
    repeats: steps.map(({ repeat }) => repeat),
    ...{ results, inKernel },
    remarks: remarksOf(steps, results, inKernel, machine),
  };
}

function resultOf(
  mode: DeployedMode,
  probe: LatencyProbe,
  done: readonly Done[],
  { request, status }: MeasuredCircumstances,
  attachment: ModuleAttachment,
): MeasuredResult | undefined {
  const of = (which: DeployedMode) =>
    done.filter(({ repeat }) => repeat.mode === which && repeat.probe === probe);
  const own = of(mode);
  if (own.length === 0) return undefined;
  const medians = (repeats: readonly Done[]) => repeats.map(({ repeat }) => repeat.figures!.medianNs);
  const ratio =
    mode === 'off'
      ? null
      : ratioByRepeat(medians(of('off')), medians(own), { seed: request.seed, mode, probe });
  const sight = sightOf(probe, mode, status.way!, attachment);
  return {
    ...{ mode, probe, ratio },
    file: latencyFileName(mode, probe),
    repeats: own.length,
    lost: own.reduce((sum, { repeat }) => sum + repeat.lost, 0),
    ...figuresOfLatencies(together(own.map(({ measurement }) => measurement.sorted))),
    sees: sight.seen,
    sight: sight.words,
  };
}

function inKernelOf(
  mode: DeployedMode,
  done: readonly Done[],
  experiment: 1 | 2 | 3 | null,
): MeasuredInKernel | undefined {
  const own = done.filter(({ repeat }) => repeat.mode === mode);
  const last = own.at(-1);
  if (mode === 'off' || last === undefined) return undefined;
  const counts = sumOfCounts(own.map(({ measurement }) => measurement.counts));
  const asked = askedCalls(counts);
  const modelNsPerCall = asked === 0 ? null : counts.modelNs / asked;
  return {
    ...{ mode, counts, modelNsPerCall },
    agreement: asked === 0 ? null : agreementOf({ ...last.measurement.stats, ...counts }, experiment),
  };
}

/** Of these counts alone, which are of the repeats. */
function agreementOf(stats: DeployedStats, experiment: 1 | 2 | 3 | null): MeasuredInKernel['agreement'] {
  const agreement = experiment === null ? null : deployedFigures(stats, experiment).agreement;
  if (agreement === null) return null;
  const { positive, positives, negatives, accuracy, baseline, balancedAccuracy, recall, precision } =
    agreement;
  return { positive, positives, negatives, accuracy, baseline, balancedAccuracy, recall, precision };
}

function remarksOf(
  steps: readonly MeasuredStep[],
  results: readonly MeasuredResult[],
  inKernel: readonly MeasuredInKernel[],
  machine: MeasuredMachine,
): string[] {
  const virtual = virtualName(machine);
  const hooked = steps.find(({ repeat }) => repeat.mode === 'off' && repeat.hooks !== '');
  const failed = steps.filter(({ repeat }) => repeat.failure !== null).length;
  return [
    ...(virtual === null
      ? []
      : [
          `${machine.name} is no hardware of its own: ${virtual}. Compare medians of one probe only; none of these times is a claim about hardware.`,
        ]),
    ...(hooked === undefined
      ? []
      : [
          `Also while the model is off something hangs on can_migrate_task(), and takes its time in all modes: ${hooked.repeat.hooks}`,
        ]),
    ...results.flatMap(({ mode, probe, sees, sight }) =>
      sees === 'whole' ? [] : [`${probe}, ${mode}: ${sight} What the kernel counted stands beside it.`],
    ),
    ...results.flatMap(({ mode, probe, lost, n }) =>
      lost === 0 ? [] : [`${probe}, ${mode}: ${lost} entries were lost beside ${n} calls. ${more(probe)}`],
    ),
    ...inKernel.flatMap(({ mode, modelNsPerCall }) =>
      modelNsPerCall === null ? [`The model was asked of no call in the mode ${mode}.`] : [],
    ),
    ...(failed === 0 ? [] : [`${failed} of ${steps.length} repeats failed; see their "failure".`]),
  ];
}

function more(probe: LatencyProbe): string {
  return probe === 'function_graph'
    ? 'A larger buffer (--buffer-kb) or fewer seconds keep them.'
    : 'Fewer calls a second would be kept: use less load.';
}
