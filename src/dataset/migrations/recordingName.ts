/** What the name of a file of migration records tells: `smp8numa2_mc10ms_hackbench_pipe.csv.gz`. */
import { factsOfName } from '../category.js';

export interface MigrationFileFacts {
  readonly workload: string | undefined;
  readonly machine: string | null;
  readonly migrationCostNs: number | null;
}

/** `sysctl_sched_migration_cost` of kernel/sched/fair.c, unless it is set. */
const DEFAULT_MIGRATION_COST_NS = 500_000;

/** CPUs and NUMA nodes of the machine, the migration cost where it was set, and the workload. */
const MACHINE_FIRST = /^(smp\d+(?:numa\d+)?)_(?:mc(\d+)(us|ms)_)?(.+)$/;

/** What stands before `.csv` and says that these are migration records: no part of the workload. */
const KIND = /\.(?:migrations|can_migrate_task)(?=\.csv)/;

/** A name without a machine in front is that of the workload, as of any other recording; its run is left out. */
export function factsOfMigrationFile(fileName: string): MigrationFileFacts {
  const { workload } = factsOfName(fileName.replace(KIND, ''));
  const match = workload === undefined ? null : MACHINE_FIRST.exec(workload);
  if (match === null) return { workload, machine: null, migrationCostNs: null };
  const [, machine, cost, unit, rest] = match;
  return {
    workload: rest,
    machine: machine!,
    migrationCostNs:
      cost === undefined ? DEFAULT_MIGRATION_COST_NS : Number(cost) * (unit === 'ms' ? 1_000_000 : 1000),
  };
}
