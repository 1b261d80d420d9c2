import type { CpuRow } from '../../../src/protocol/traceMessages.js';
import { element, replaceContent } from '../../common/dom.js';
import { formatCount, formatDuration, formatShare } from '../../common/format.js';
import type { Signal } from '../../common/signal.js';
import { simpleTable, type SimpleColumn } from '../../common/simpleTable.js';
import { orUnknown } from './taskColumns.js';

/** Busy, idle and unknown time as shares of a CPU's whole time. */
export function cpuShares(row: CpuRow): {
  readonly busy: number;
  readonly idle: number;
  readonly unknown: number;
} {
  const total = row.busyNs + row.idleNs + row.unknownNs;
  if (total <= 0) return { busy: 0, idle: 0, unknown: 1 };
  return { busy: row.busyNs / total, idle: row.idleNs / total, unknown: row.unknownNs / total };
}

function bar(row: CpuRow): HTMLElement {
  const shares = cpuShares(row);
  const part = (className: string, share: number) => {
    const created = element('span', { className });
    created.style.width = `${share * 100}%`;
    return created;
  };
  return element(
    'div',
    {
      className: 'share-bar',
      title: `busy ${formatShare(shares.busy)}, idle ${formatShare(shares.idle)}, unknown ${formatShare(shares.unknown)}`,
    },
    part('busy', shares.busy),
    part('idle', shares.idle),
    part('unknown-part', shares.unknown),
  );
}

const columns: readonly SimpleColumn<CpuRow>[] = [
  { label: 'CPU', title: 'Number of the CPU', numeric: false, cell: (row) => String(row.cpu) },
  {
    label: 'Busy, idle, unknown',
    title: 'Shares of the time; unknown is lost or before the first switch',
    numeric: false,
    cell: bar,
  },
  {
    label: 'Busy',
    title: 'Share of the whole time',
    numeric: true,
    cell: (row) => formatShare(cpuShares(row).busy),
  },
  {
    label: 'Busy time',
    title: 'Time with a task running',
    numeric: true,
    cell: (row) => formatDuration(row.busyNs),
  },
  {
    label: 'Unknown',
    title: 'Time covered by lost events or before the first switch',
    numeric: true,
    cell: (row) => formatDuration(row.unknownNs),
  },
  { label: 'Switches', title: 'Context switches', numeric: true, cell: (row) => formatCount(row.switches) },
  {
    label: 'Migrations in',
    title: 'Tasks migrated to this CPU',
    numeric: true,
    cell: (row) => orUnknown(row.migrationsIn, formatCount),
  },
  {
    label: 'Queue mean',
    title: 'Runnable threads, running ones included; mean over time',
    numeric: true,
    cell: (row) => orUnknown(row.depthMean, (depth) => depth.toFixed(2)),
  },
  {
    label: 'Queue max',
    title: 'Most runnable threads at a time',
    numeric: true,
    cell: (row) => orUnknown(row.depthMax, formatCount),
  },
];

/** How busy each CPU was. Follows the rows that others fetched: the lanes' names show them too. */
export class CpuPanel {
  readonly element = element('div', { className: 'panel-content scrolling' });

  constructor(rows: Signal<readonly CpuRow[]>) {
    rows.observe((value) => {
      const content =
        value.length === 0
          ? element('p', { className: 'empty' }, 'No CPU has been seen yet.')
          : simpleTable('CPUs', columns, value);
      replaceContent(this.element, content);
    });
  }
}
