import { readDataSetMeta, type DataSetMeta } from '../../../dataset/files/dataSetMeta.js';
import { taskName } from '../../../dataset/taskName.js';
import type { FoundRun, SoundRun } from '../../../learning/runs/findRuns.js';

/** A task of the trace, and how often it was given a CPU. */
export interface TraceTask {
  readonly comm: string;
  readonly pid: number;
  readonly switches: number;
}

export interface FittingRun {
  readonly run: SoundRun;
  /** Of the trace's switches, those to tasks that the model knows. */
  readonly knownShare: number;
  /** The trace is one of the recordings of its data set. */
  readonly isOfDataSet: boolean;
}

/** Of a trace of which a model knows less than that it can tell nothing. */
const LEAST_KNOWN_SHARE = 0.5;

/**
 * Runs that can forecast from a trace, in the order in which they were given: those with weights, whose data set is there and
 * whose vocabulary knows at least half of the switches.
 */
export async function fittingRuns(
  found: readonly FoundRun[],
  trace: { readonly path: string; readonly tasks: readonly TraceTask[] },
): Promise<FittingRun[]> {
  const fitting: FittingRun[] = [];
  for (const run of found) {
    if ('problem' in run || run.run.best === null) continue;
    // One that is gone or damaged cannot be forecast from; showing the forecast of that run would say why.
    const meta = await readDataSetMeta(run.run.dataset.path).catch(() => null);
    if (meta === null) continue;
    const share = knownShare(meta.vocabulary, trace.tasks);
    const isOfDataSet = meta.recordings.some(({ files }) => files.some(({ path }) => path === trace.path));
    if (isOfDataSet || share >= LEAST_KNOWN_SHARE) fitting.push({ run, knownShare: share, isOfDataSet });
  }
  return fitting;
}

/** Share of the switches to tasks that a vocabulary has; 0 without switches. */
export function knownShare(
  { kind, tasks: entries }: Pick<DataSetMeta['vocabulary'], 'kind' | 'tasks'>,
  tasks: readonly TraceTask[],
): number {
  // UNK is no task.
  const names = new Set(entries.slice(1));
  let [known, all] = [0, 0];
  for (const { comm, pid, switches } of tasks) {
    const name = kind === 'pid' ? String(pid) : taskName(comm, pid);
    all += switches;
    if (name !== undefined && names.has(name)) known += switches;
  }
  return all === 0 ? 0 : known / all;
}
