export type CheckStatus = 'passed' | 'warning' | 'failed' | 'unknown';

/** What a check matters for. */
export type Need = 'everything' | 'tracefs' | 'perf' | 'bpftrace' | 'workloads' | 'benchmarks';

export interface Remedy {
  /** What the user can do about it, in a sentence or two. */
  readonly text: string;
  /** Packages that `installMissing` can bring. */
  readonly packages?: readonly string[];
}

/**
 * A named thing that was looked at on a machine. `failed`: what it matters for is not possible; `warning`: it is, with a
 * limit or less well; `unknown`: it could not be found out, which is never taken for passed.
 */
export interface Check {
  /** `kprobes`, `tool-hackbench`: stable, for scripts. */
  readonly id: string;
  readonly title: string;
  readonly status: CheckStatus;
  /** What was found; printable, but from the machine. */
  readonly detail: string;
  readonly remedy: Remedy | null;
  readonly neededFor: readonly Need[];
}

/** The checks that stand in the way of something; unknown ones do not, one may try. */
export function obstacles(checks: readonly Check[], need: Need): readonly Check[] {
  return checks.filter(
    ({ status, neededFor }) =>
      status === 'failed' && (neededFor.includes(need) || neededFor.includes('everything')),
  );
}

export function passed(detail: string): Finding {
  return { status: 'passed', detail, remedy: null };
}

export function warning(detail: string, remedy: string | Remedy | null = null): Finding {
  return { status: 'warning', detail, remedy: remedyOf(remedy) };
}

export function failed(detail: string, remedy: string | Remedy | null): Finding {
  return { status: 'failed', detail, remedy: remedyOf(remedy) };
}

export function unknown(detail: string, remedy: string | null = null): Finding {
  return { status: 'unknown', detail, remedy: remedyOf(remedy) };
}

export type Finding = Pick<Check, 'status' | 'detail' | 'remedy'>;

export function check(id: string, title: string, neededFor: readonly Need[], finding: Finding): Check {
  return { id, title, ...finding, neededFor };
}

function remedyOf(remedy: string | Remedy | null): Remedy | null {
  return typeof remedy === 'string' ? { text: remedy } : remedy;
}
