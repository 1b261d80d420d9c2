import type { WorkOutline } from '../work/work.js';
import type { Work } from '../work/work.js';
import { shownPath } from '../work/shownPath.js';
import type { PlanCell } from '../../remote/workloads/cells.js';
import type { CollectionPlan } from '../../remote/workloads/plan.js';
import type { CellEnd } from '../../remote/workloads/planSummary.js';
import type { PlanCellState, PlanListener } from '../../remote/workloads/runPlan.js';
import { cellsOf } from '../../remote/workloads/cells.js';
import type { CellState } from '../../protocol/machineWorkMessages.js';

/** How many recordings a plan makes on each machine. */
export function recordingsPerMachine({ collectors, workloads, runs }: CollectionPlan): number {
  return collectors.length * workloads.length * runs;
}

/** `2 machines × 1 collector × 12 workloads × 3 runs: 72 recordings`. */
export function describePlan(plan: CollectionPlan, machines: number): string {
  const { collectors, workloads, runs } = plan;
  const parts: readonly (readonly [number, string])[] = [
    [machines, 'machine'],
    [collectors.length, 'collector'],
    [workloads.length, 'workload'],
    [runs, 'run'],
  ];
  const product = parts.map(([count, what]) => `${count} ${what}${count === 1 ? '' : 's'}`).join(' × ');
  return `${product}: ${machines * recordingsPerMachine(plan)} recordings`;
}

export function outlineOf(plan: CollectionPlan, machines: readonly string[], title: string): WorkOutline {
  const isOfSeveral = machines.length > 1;
  const cells = machines.flatMap((machine) =>
    cellsOf(plan, machine, '')
      .map((cell) => placeOf(plan, cell, isOfSeveral))
      .sort((a, b) => a.column.localeCompare(b.column, 'en', { numeric: true })),
  );
  return {
    kind: 'plan',
    title,
    description: describePlan(plan, machines.length),
    machines,
    cells,
    durationMs: null,
  };
}

/** Rows are workloads, by collector where there are several; columns are runs, by machine where there are several. */
function placeOf(
  plan: CollectionPlan,
  cell: PlanCell,
  isOfSeveral: boolean,
): { row: string; column: string } {
  const { name } = cell.workload.command;
  return {
    row: plan.collectors.length > 1 ? `${name} · ${cell.collector.name}` : name,
    column: isOfSeveral ? `${cell.machine} · ${cell.run}` : `run ${cell.run}`,
  };
}

const ends: Readonly<Record<CellEnd, CellState>> = {
  recorded: 'done',
  kept: 'done',
  failed: 'failed',
  dropped: 'cancelled',
  left: 'cancelled',
};

/** Tells the work how the cells of the plan are. @param root what shown paths are relative to */
export function planListener(work: Work, plan: CollectionPlan, root: string): PlanListener {
  const isOfSeveral = work.machines.length > 1;
  return {
    onCell: (_index, state) => {
      const { row, column } = placeOf(plan, state.cell, isOfSeveral);
      if (state.state === 'ended') {
        work.updateCell(row, column, ends[state.summary.status], noteOf(state));
        endCell(work, state, root);
      } else if (state.state === 'running') {
        if (state.progress === null) work.updateCell(row, column, 'running');
        showProgress(work, state);
      }
    },
  };
}

function noteOf({ summary }: PlanCellState): string | null {
  if (summary.status === 'kept') return 'there from an earlier run';
  return (
    summary.reason ?? (summary.events === null ? null : `${summary.events.toLocaleString('en-US')} events`)
  );
}

function showProgress(work: Work, { cell, progress }: PlanCellState): void {
  work.updateLane(cell.machine, {
    phase: progress === null ? 'preparing' : progress.phase,
    doing: `${cell.workload.command.name}, run ${cell.run}`,
    counters: progress?.counters ?? null,
  });
}

function endCell(work: Work, { cell, summary }: PlanCellState, root: string): void {
  const { machine, path } = cell;
  work.updateLane(machine, { phase: 'waiting', doing: null });
  if (summary.status === 'failed') {
    const text = `${summary.workload}, run ${summary.run}: ${summary.reason ?? 'failed'}`;
    work.addRemark({ severity: 'error', machine, text });
  }
  for (const text of summary.remarks) {
    work.addRemark({
      severity: 'warning',
      machine,
      text: `${summary.workload}, run ${summary.run}: ${text}`,
    });
  }
  if (summary.status !== 'recorded' && summary.status !== 'kept') return;
  work.addArtifact({
    path,
    name: shownPath(path, root),
    kind: 'recording',
    machine,
    workload: summary.workload,
    sizeBytes: summary.sizeBytes ?? 0,
    events: summary.events,
    lostEvents: summary.lostEvents,
    sha256: summary.sha256,
  });
}

/** How the lanes end: each machine's as its recordings did. */
export function endLanes(work: Work, cells: readonly { machine: string; status: CellEnd }[]): void {
  for (const machine of work.machines) {
    const own = cells.filter((cell) => cell.machine === machine);
    const hasFailed = own.some(({ status }) => status === 'failed');
    const isCut = own.some(({ status }) => status === 'dropped' || status === 'left');
    work.updateLane(machine, {
      phase: hasFailed ? 'failed' : isCut ? 'cancelled' : 'done',
      doing: null,
    });
  }
}
