import type { CallCounts, MigrationSummary } from '../../../src/protocol/migrationMessages.js';
import { element, linkButton, type Child } from '../../common/dom.js';
import { formatCount, unknownText } from '../../common/format.js';
import { simpleTable, type SimpleColumn } from '../../common/simpleTable.js';
import { outcomeBar } from './outcomeBar.js';

const typeTitles: Readonly<Record<string, string>> = {
  load: 'migrate_load: even out load',
  util: 'migrate_util: even out utilisation',
  task: 'migrate_task: even out the number of tasks',
  misfit: 'migrate_misfit: a task too big for its CPU',
};

interface BreakdownRow extends CallCounts {
  readonly name: Child;
}

/** Decisions by what was to be moved, and by the state of the CPU that pulled. */
export function breakdown(summary: MigrationSummary, showType: (type: number) => void): HTMLElement {
  const types = summary.byType?.map((row) => ({
    ...row,
    name: linkButton(row.name, `${typeTitles[row.name] ?? row.name}. Show these calls`, () =>
      showType(row.type),
    ),
  }));
  const idle = summary.byIdle.filter(({ calls }) => calls > 0).map((row) => ({ ...row, name: row.idle }));
  return element(
    'section',
    { className: 'card' },
    element('h2', {}, 'Decisions by migration type'),
    types === undefined
      ? element('p', { className: 'empty' }, 'This file does not tell migration types.')
      : simpleTable('By migration type', columns('Type', 'migration_type'), types),
    element('h2', {}, 'By state of the pulling CPU'),
    simpleTable('By state of the pulling CPU', columns('CPU was', 'cpu_idle, cpu_newly_idle'), idle),
  );
}

function columns(label: string, title: string): SimpleColumn<BreakdownRow>[] {
  return [
    { label, title, numeric: false, cell: (row) => row.name },
    { label: 'Calls', title: 'Calls', numeric: true, cell: (row) => formatCount(row.calls) },
    { label: '', title: '', numeric: false, cell: (row) => outcomeBar(row) },
    { label: 'Migrated', title: 'Allowed', numeric: true, cell: (row) => formatCount(row.migrated) },
    {
      label: 'Forced',
      title: 'Allowed although cache-hot',
      numeric: true,
      cell: (row) => (row.forced === null ? unknownText : formatCount(row.forced)),
    },
  ];
}
