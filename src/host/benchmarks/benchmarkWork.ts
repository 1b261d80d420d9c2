import type { WorkOutline } from '../work/work.js';
import type { Work } from '../work/work.js';
import type { BenchmarkListener, BenchmarkProgress } from '../../remote/benchmarks/runBenchmarks.js';
import type { Suite } from '../../remote/benchmarks/suite.js';

/**
 * `3 benchmarks × 10 repeats and 1 warm-up, in random order`.
 * @param kernels how many are booted; 0: only what runs
 */
export function describeSuite({ benchmarks, repeats, warmUps, variants }: Suite, kernels = 0): string {
  const count = (number: number, what: string) => `${number} ${what}${number === 1 ? '' : 's'}`;
  const settings = variants.length > 1 ? ` under ${count(variants.length, 'setting')}` : '';
  const booted = kernels > 0 ? ` on ${count(kernels, 'kernel')}` : '';
  return `${count(benchmarks.length, 'benchmark')} × ${count(repeats, 'repeat')} and ${count(warmUps, 'warm-up')}${settings}${booted}, in random order`;
}

export function outlineOfSuite(suite: Suite, machines: readonly string[], kernels = 0): WorkOutline {
  return {
    kind: 'benchmarks',
    title: `Benchmarks on ${machines.length === 1 ? machines[0]! : `${machines.length} machines`}`,
    description: describeSuite(suite, kernels),
    machines,
    cells: suite.benchmarks.flatMap(({ name }) =>
      machines.map((machine) => ({ row: name, column: machine })),
    ),
    durationMs: null,
  };
}

/** Tells the work which repeat runs, and how many of each benchmark are measured. */
export function benchmarkListener(work: Work, suite: Suite, kernels = 0): BenchmarkListener {
  const measured = new Map<string, { done: number; failed: number }>();
  const wanted = suite.repeats * suite.variants.length * Math.max(1, kernels);
  const machineOf = (subject: string) =>
    work.machines.find((machine) => subject === machine || subject.startsWith(`${machine} · `));
  return {
    onProgress: (progress) => showStep(work, progress),
    onRepeat: ({ subject, benchmark, phase, failure }) => {
      const machine = machineOf(subject);
      if (machine === undefined || phase !== 'measured') return;
      const key = JSON.stringify([benchmark, machine]);
      const count = measured.get(key) ?? { done: 0, failed: 0 };
      count.done += 1;
      if (failure !== null) count.failed += 1;
      measured.set(key, count);
      if (failure !== null) {
        work.addRemark({ severity: 'warning', machine, text: `${benchmark}: a repeat failed. ${failure}` });
      }
      const failedText = count.failed === 0 ? '' : `, ${count.failed} failed`;
      const state = count.done < wanted ? 'running' : count.failed === count.done ? 'failed' : 'done';
      work.updateCell(benchmark, machine, state, `${count.done} of ${wanted} repeats${failedText}`);
    },
  };
}

function showStep(work: Work, { machine, done, total, step }: BenchmarkProgress): void {
  const doing =
    step === null
      ? `${total} runs`
      : `${step.benchmark}, ${step.phase === 'warm-up' ? 'warm-up' : `block ${step.block}`} (${done + 1} of ${total})`;
  work.updateLane(machine, { phase: step === null ? 'done' : 'measuring', doing });
  const cell = work.view.cells.find(({ row, column }) => row === step?.benchmark && column === machine);
  if (cell?.state === 'waiting') work.updateCell(cell.row, cell.column, 'running');
}
