import type { DeployedCounts } from '../remote/deploy/measure/deployedCounts.js';
import { askedCalls } from '../remote/deploy/measure/deployedCounts.js';
import type { Measured, MeasuredInKernel, MeasuredResult } from '../remote/deploy/measure/measured.js';
import { virtualName } from '../remote/deploy/measure/measuredMachine.js';
import { wrapped } from './evaluationText.js';
import { printable, table, type Column } from './output.js';

/** What a deployed model costs, for the terminal. */
export function* measuredLines(measured: Measured): Generator<string> {
  const { machine, deployed, workload, seconds, results, inKernel, remarks, state } = measured;
  const virtual = virtualName(machine);
  const run = deployed.model === null ? '' : `, run "${deployed.model.run}"`;
  yield printable(
    `can_migrate_task() on ${machine.name}, kernel ${machine.kernel}${virtual === null ? '' : `, ${virtual}`}`,
  );
  yield printable(
    `${deployed.way}${deployed.attachment === null ? '' : ` (${deployed.attachment})`}${run}: ${deployed.modelBytes} bytes of model, ${deployed.stateBytes} of state; load ${workload}, ${seconds} s a repeat, in turns`,
  );
  if (state === 'stopped') yield 'It was stopped: not all repeats are there.';
  yield '';
  yield* table(RESULT_COLUMNS, results);
  yield 'Times in ns. The ratio is of the median repeat to that of off under the same probe, its interval (95 %) by repeat.';
  if (inKernel.length > 0) {
    yield '';
    yield* table(KERNEL_COLUMNS, inKernel);
    yield 'By the kernel itself, over all repeats; who always says what is more frequent has the accuracy of "always the same".';
  }
  for (const remark of remarks) {
    yield '';
    yield* wrapped(printable(remark));
  }
}

const RESULT_COLUMNS: readonly Column<MeasuredResult>[] = [
  { title: 'probe', align: 'left', cell: ({ probe }) => probe },
  { title: 'mode', align: 'left', cell: ({ mode }) => mode },
  { title: 'repeats', align: 'right', cell: ({ repeats }) => String(repeats) },
  { title: 'n', align: 'right', cell: ({ n }) => grouped(n) },
  { title: 'median', align: 'right', cell: ({ medianNs }) => grouped(medianNs) },
  { title: 'p99', align: 'right', cell: ({ p99Ns }) => grouped(p99Ns) },
  {
    title: 'ratio to off',
    align: 'right',
    cell: ({ ratio, mode }) => (ratio === null ? (mode === 'off' ? '1' : '–') : ratio.ofMedians.toFixed(3)),
  },
  {
    title: 'interval',
    align: 'left',
    cell: ({ ratio }) =>
      ratio?.interval == null ? '' : `${ratio.interval.low.toFixed(3)} to ${ratio.interval.high.toFixed(3)}`,
  },
  {
    title: 'sees of the model',
    align: 'left',
    cell: ({ mode, sees }) => (mode === 'off' ? '' : SIGHTS[sees]),
  },
];

const SIGHTS: Readonly<Record<MeasuredResult['sees'], string>> = {
  whole: 'all',
  part: 'A PART',
  nothing: 'NOTHING',
  unknown: 'unknown',
};

const KERNEL_COLUMNS: readonly Column<MeasuredInKernel>[] = [
  { title: 'in the kernel', align: 'left', cell: ({ mode }) => mode },
  { title: 'asked of calls', align: 'right', cell: ({ counts }) => grouped(askedCalls(counts)) },
  {
    title: 'model, ns a call',
    align: 'right',
    cell: ({ modelNsPerCall }) => (modelNsPerCall === null ? '–' : grouped(Math.round(modelNsPerCall))),
  },
  { title: 'accuracy', align: 'right', cell: ({ agreement }) => percent(agreement?.accuracy) },
  { title: 'always the same', align: 'right', cell: ({ agreement }) => percent(agreement?.baseline) },
  { title: 'balanced', align: 'right', cell: ({ agreement }) => percent(agreement?.balancedAccuracy) },
  { title: 'forced', align: 'right', cell: ({ counts }) => forcedText(counts) },
  { title: 'overruled', align: 'right', cell: ({ counts }) => overruledText(counts) },
  { title: 'vetoed', align: 'right', cell: ({ counts }) => grouped(counts.vetoed) },
];

function forcedText({ forced }: DeployedCounts): string {
  return grouped(forced[0] + forced[1]);
}

function overruledText({ overruled }: DeployedCounts): string {
  return `${grouped(overruled.toRefused)} + ${grouped(overruled.toAllowed)}`;
}

function percent(share: number | null | undefined): string {
  return share == null ? '–' : `${(share * 100).toFixed(1)} %`;
}

function grouped(count: number): string {
  return count.toLocaleString('en-US');
}
