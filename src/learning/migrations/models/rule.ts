import { Failure } from '../../../base/errors.js';
import type { FeatureTable } from '../../../dataset/migrations/migrationSet.js';
import type { ClassifierKind } from '../classifier.js';
import { columnOf } from './rawColumns.js';

/** What `sd_cache_nice_tries` is in domains within a NUMA node (kernel/sched/topology.c). */
const USUAL_TRIES = 1;

/**
 * The kernel's own: `can_migrate_task` lets a task go that is not cache-hot, or that is while
 * `sd->nr_balance_failed > sd->cache_nice_tries`; the latter are the forced ones. A task is hot that ran less than
 * `sysctl_sched_migration_cost` ago (−1: all are). Whether it was is not recorded: it is told by `delta` where the cost is
 * given, else the comparison stands alone.
 */
export const rule: ClassifierKind = {
  name: 'rule',
  title: "Kernel's rule",
  isThesis: false,
  train({ raw }, experiment, { migrationCostNs }) {
    const failed = 'sd_nr_balance_failed';
    const hasTries = raw.names.includes('sd_cache_nice_tries');
    if (!raw.names.includes(failed)) {
      throw new Failure(
        'bad-input',
        `The kernel's rule needs ${failed}, which is not among the features. Add it.`,
      );
    }
    const cost = raw.names.includes('delta') ? migrationCostNs : undefined;
    const tries = hasTries ? 'sd_cache_nice_tries' : `${USUAL_TRIES} (the usual sd_cache_nice_tries)`;
    return Promise.resolve({
      scores: (table) => answersOf(table.raw, experiment, cost),
      summary: [hotText(experiment, cost), `${failed} > ${tries}`].join(''),
      dispose: () => undefined,
    });
  },
};

function hotText(experiment: 1 | 2 | 3, cost: number | undefined): string {
  if (cost === undefined) return '';
  if (cost < 0) return experiment === 1 ? '' : 'all hot and ';
  return experiment === 1 ? `delta ≥ ${cost} or ` : `delta < ${cost} and `;
}

function answersOf(raw: FeatureTable, experiment: 1 | 2 | 3, cost: number | undefined): Float32Array {
  const failed = columnOf(raw, 'sd_nr_balance_failed')!;
  const tries = columnOf(raw, 'sd_cache_nice_tries');
  const delta = columnOf(raw, 'delta');
  return Float32Array.from(failed, (count, row) => {
    const insists = count > (tries?.[row] ?? USUAL_TRIES);
    if (cost === undefined) return Number(insists);
    const isHot = cost < 0 || delta![row]! < cost;
    return Number(experiment === 1 ? !isHot || insists : isHot && insists);
  });
}
