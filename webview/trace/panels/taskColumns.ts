import type { TaskRow, TaskSortKey, TimeRange } from '../../../src/protocol/traceMessages.js';
import { toCss } from '../../common/colour.js';
import { element, linkButton, type Child } from '../../common/dom.js';
import {
  formatCount,
  formatDuration,
  formatDurationExact,
  unknownText,
  unknownTitle,
} from '../../common/format.js';
import type { Column } from '../../common/table.js';
import { taskColour } from '../../common/taskColour.js';
import type { ThemeKind } from '../../common/theme.js';

/** A quantity that the trace may not tell: then an em dash, with the reason as its title. */
export function orUnknown(
  value: number | null,
  format: (value: number) => string,
  title?: (value: number) => string,
): Child {
  if (value === null) return element('span', { className: 'unknown', title: unknownTitle }, unknownText);
  return title === undefined ? format(value) : element('span', { title: title(value) }, format(value));
}

/** A worst case that can be jumped to; plain when it is not known where it was. */
function worst(
  value: number | null,
  atNs: number | null,
  title: string,
  jump: (wait: TimeRange) => void,
): Child {
  if (value === null || atNs === null) return orUnknown(value, formatDuration);
  return linkButton(
    formatDuration(value),
    `${title}: ${formatDurationExact(value)}. Show it in the timeline.`,
    () => jump({ startNs: atNs, endNs: atNs + value }),
  );
}

export interface TaskColumnDeps {
  readonly themeKind: () => ThemeKind;
  /** Shows a wait of a thread. */
  readonly jump: (row: TaskRow, wait: TimeRange) => void;
}

export function taskColumns(deps: TaskColumnDeps): Column<TaskRow, TaskSortKey>[] {
  const duration = (key: TaskSortKey, label: string, title: string, value: (row: TaskRow) => number | null) =>
    column(key, label, title, 86, (row) => orUnknown(value(row), formatDuration, formatDurationExact));
  return [
    {
      key: 'comm',
      label: 'Task',
      title: 'Name of the task. Sort',
      numeric: false,
      widthPx: 140,
      cell: (row) => taskName(row, deps),
    },
    column('pid', 'PID', 'Thread id. Sort', 66, (row) => String(row.pid)),
    duration('runtimeNs', 'Runtime', 'Time on a CPU. Sort', (row) => row.runtimeNs),
    column('switches', 'Switches', 'Times it was switched in. Sort', 76, (row) => formatCount(row.switches)),
    column('wakeups', 'Wakeups', 'Times it was woken up. Sort', 76, (row) =>
      orUnknown(row.wakeups, formatCount),
    ),
    column('migrations', 'Migr.', 'Migrations to another CPU. Sort', 56, (row) =>
      orUnknown(row.migrations, formatCount),
    ),
    duration(
      'wakeupLatencyMeanNs',
      'Lat. mean',
      'Wakeup latency, mean. Sort',
      (row) => row.wakeupLatencyMeanNs,
    ),
    duration('wakeupLatencyP50Ns', 'p50', 'Wakeup latency, median. Sort', (row) => row.wakeupLatencyP50Ns),
    duration(
      'wakeupLatencyP99Ns',
      'p99',
      'Wakeup latency, 99th percentile. Sort',
      (row) => row.wakeupLatencyP99Ns,
    ),
    column('wakeupLatencyMaxNs', 'Lat. max', 'Wakeup latency, worst case. Sort', 86, (row) =>
      worst(row.wakeupLatencyMaxNs, row.wakeupLatencyMaxAtNs, 'Worst wakeup latency', (wait) =>
        deps.jump(row, wait),
      ),
    ),
    duration(
      'preemptionWaitTotalNs',
      'Preempted',
      'Time waiting after preemptions, in all. Sort',
      (row) => row.preemptionWaitTotalNs,
    ),
    column('preemptionWaitMaxNs', 'Pre. max', 'Wait after a preemption, worst case. Sort', 86, (row) =>
      worst(row.preemptionWaitMaxNs, row.preemptionWaitMaxAtNs, 'Worst preemption wait', (wait) =>
        deps.jump(row, wait),
      ),
    ),
  ];
}

function column(
  key: TaskSortKey,
  label: string,
  title: string,
  widthPx: number,
  cell: (row: TaskRow) => Child,
): Column<TaskRow, TaskSortKey> {
  return { key, label, title, numeric: true, widthPx, cell };
}

function taskName(row: TaskRow, deps: TaskColumnDeps): Child {
  const swatch = element('span', { className: 'swatch', attributes: { 'aria-hidden': 'true' } });
  swatch.style.backgroundColor = toCss(taskColour(row.comm, deps.themeKind()));
  const former = row.formerComms.length === 0 ? '' : ` (earlier: ${row.formerComms.join(', ')})`;
  return element(
    'span',
    { className: 'task-name', title: `${row.comm}${former}` },
    swatch,
    element('span', { className: 'task-comm' }, row.comm),
  );
}
