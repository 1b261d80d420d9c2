/** What a recording is of: its workload, the category of that, and which run of it. */

export interface WorkloadFacts {
  /** Undefined: the name tells none. */
  readonly workload: string | undefined;
  readonly run: number | null;
}

/** Endings that say how a file is written, not what it holds. */
const ENDINGS =
  /\.(?:gz|xz|zst|txt|text|csv|dat|data|perf|trace|ftrace|html|ctrace|pftrace|perfetto-trace|perf-script|log|report|map|tar|tgz|out)$/i;
const WITH_RUN = /^(.+?)(?:[._-]?run[._-]?(\d+)|\.(\d+))$/i;
const ONLY_RUN = /^(?:run|trace|recording|rep|repeat)?[._-]?(\d+)?$/i;

/**
 * What a file's name or a `trace_id` tells: `hackbench_pipe_small_run0.txt.gz` is run 0 of `hackbench_pipe_small`,
 * `io_mixed.3.perf.data` run 3 of `io_mixed`, `run2` run 2 of whatever folder it lies in.
 */
export function factsOfName(name: string): WorkloadFacts {
  let stem = name;
  while (ENDINGS.test(stem)) stem = stem.replace(ENDINGS, '');
  const only = ONLY_RUN.exec(stem);
  if (only !== null) return { workload: undefined, run: runOf(only[1]) };
  const match = WITH_RUN.exec(stem);
  if (match === null) return { workload: stem, run: null };
  return { workload: match[1], run: runOf(match[2] ?? match[3]) };
}

function runOf(digits: string | undefined): number | null {
  const run = Number(digits ?? NaN);
  return Number.isSafeInteger(run) ? run : null;
}

/** Families of workloads: what their names begin with (the table of the TCN follow-up, and its programs elsewhere). */
const FAMILIES = [
  'hackbench',
  'sysbench_cpu',
  'sysbench_threads',
  'sysbench_memory',
  'cpu_bound',
  'io_mixed',
] as const;

/** Whether a workload is one of those that the earlier systems name. */
export function isKnownWorkload(workload: string): boolean {
  return familyOf(workload) !== undefined;
}

/**
 * The category of a workload: its family, else its name without a size at the end (`_small`, `_8t`, `_4p`), so that
 * variants of one program are held out together.
 */
export function categoryOf(workload: string): string {
  const family = familyOf(workload);
  if (family !== undefined) return family;
  const category = workload.replace(/(?:[_-](?:tiny|small|medium|large|huge|\d+[a-z]))+$/i, '');
  return category === '' ? workload : category;
}

function familyOf(workload: string): string | undefined {
  const name = workload.toLowerCase().replaceAll('-', '_');
  return FAMILIES.find((family) => name === family || name.startsWith(`${family}_`));
}
