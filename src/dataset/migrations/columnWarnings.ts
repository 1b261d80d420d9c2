/** Columns whose score means something else than it seems. */
import type { RecordColumnName } from '../../trace/migrations/recordColumns.js';
import type { Experiment } from './migrationSet.js';

export interface ColumnWarning {
  readonly column: RecordColumnName;
  /**
   * `identifies`: it tells one row, task or moment from another; `rule`: the label is made of it; `group`: it is part of what
   * makes a history group, whose calls share the label.
   */
  readonly kind: 'identifies' | 'rule' | 'group';
  readonly text: string;
}

interface WarningRow extends ColumnWarning {
  readonly experiments: readonly Experiment[];
}

const DECIDED: readonly Experiment[] = [1, 3];
const EVERY: readonly Experiment[] = [1, 2, 3];

const WARNINGS: readonly WarningRow[] = [
  {
    column: 'pid',
    kind: 'identifies',
    experiments: EVERY,
    text: 'A PID identifies a task of this recording, and another one after a restart: a model learns these tasks by heart.',
  },
  {
    column: 'ts',
    kind: 'identifies',
    experiments: EVERY,
    text: 'The time of the call identifies the moment: neighbours in time share their label, and no later recording has these times.',
  },
  {
    column: 'start_runtime',
    kind: 'identifies',
    experiments: EVERY,
    text: 'When the task began to run identifies the task and the moment; no later recording has these times.',
  },
  {
    column: 'sd_nr_balance_failed',
    kind: 'rule',
    experiments: DECIDED,
    text: 'The kernel decides by it: a hot task is allowed when sd_nr_balance_failed > sd_cache_nice_tries.',
  },
  {
    column: 'sd_cache_nice_tries',
    kind: 'rule',
    experiments: DECIDED,
    text: 'The kernel decides by it: a hot task is allowed when sd_nr_balance_failed > sd_cache_nice_tries.',
  },
  {
    column: 'delta',
    kind: 'rule',
    experiments: DECIDED,
    text: 'The kernel decides by it: a task is hot as long as delta is below the migration cost.',
  },
  ...(['pid', 'src_cpu', 'dst_cpu', 'task_nr_migrations'] as const).map((column) => ({
    column,
    kind: 'group' as const,
    experiments: [2] as const,
    text: 'It is part of what makes a history group, and all calls of a group up to its last forced one share the label: split by group.',
  })),
];

/** Warnings about some columns, in their order. */
export function columnWarnings(experiment: Experiment, columns: readonly string[]): readonly ColumnWarning[] {
  return columns.flatMap((column) =>
    WARNINGS.filter((row) => row.column === column && row.experiments.includes(experiment)).map(
      ({ kind, text }) => ({ column: column as RecordColumnName, kind, text }),
    ),
  );
}
