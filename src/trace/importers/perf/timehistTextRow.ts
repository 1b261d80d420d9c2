/**
 * Lines of the table that `perf sched timehist` prints. Source: timehist_print_sample, timehist_print_wakeup_event and
 * timehist_print_migration_event in tools/perf/builtin-sched.c.
 *
 *                time    cpu  012  task name                       wait time  sch delay   run time  state
 *                                  [tid/pid]                          (msec)     (msec)     (msec)
 *     --------------- ------  ---  ------------------------------  ---------  ---------  ---------  -----
 *         1964.315327 [0000]       perf[700]                                                        awakened: migration/0[18]
 *         1964.315332 [0000]  s    perf[700]                           0.000      0.000      0.000      D  next: migration/0[18]
 *         1964.315338 [0000]   m     migration/0[18]                                                  migrated: perf[700] cpu 0 => 1
 *         1964.318738 [0000]  s    qemu-system-x86[10689/10684]        0.030      0.000      3.379      R  __schedule <- schedule
 *         1964.319222 [0001]  i    <idle>                              3.379      0.000      0.484
 *
 * The column of the tasks grows with their names, so that the numbers may begin anywhere; a name may hold anything.
 */

/** Who a line is about, as far as it tells. */
export interface TimehistTask {
  readonly comm: string;
  /** -1: a thread that is gone already. Undefined: the name was cut, and with it the number. */
  readonly tid: number | undefined;
  /** Thread group, -1 unknown. */
  readonly tgid: number;
}

export type TimehistRow = {
  readonly seconds: number;
  readonly microseconds: number;
  readonly cpu: number;
  readonly task: TimehistTask;
} & (
  | {
      readonly kind: 'ran';
      readonly runUs: number;
      readonly prio: number | undefined;
      readonly state: string | undefined;
      readonly next: TimehistTask | undefined;
    }
  | { readonly kind: 'awakened'; readonly awakened: TimehistTask }
  | { readonly kind: 'migrated'; readonly migrated: TimehistTask; readonly from: number; readonly to: number }
);

const HEADER = /^ +time +cpu {2}(?:([0-9a-f]+) {2})? ?task name +(prio +)?wait time\b(.*)$/;
const LINE = /^ *(\d{1,10})\.(\d{6}) \[(\d{1,5})\] (.*)$/;
const TIMES = /^(.*?) +((?:\d+\.\d{3} +){3,4})(.*)$/;
const PRIO = /^(.*\S) +(-?\d+)(?:->-?\d+)?$/;
const AWAKENED = /^(.*?) {2,}awakened: (.*)$/;
const MIGRATED = /^(.*?) {2,}migrated: (.*) cpu (\d+) => (\d+)\s*$/;
const STATE = /^(\S)(?:\s+(.*))?$/;
const NEXT = /^next: (.*?)\[(\d+)\](?:\s{2,}.*|\s*)$/;
const TASK = /^(.*)\[(-?\d+)(?:\/(-?\d+))?\]$/;
const LOST = /^ *(\d+)\.(\d{6}) lost (\d+) events on cpu (\d+)\s*$/;
const MAX_CPU = 65534;
/** CPUs that Linux can have. */
export const MAX_VISUAL = 8192;

/** The columns of a table, by its first line. */
export class TimehistColumns {
  private constructor(
    /** Characters of the picture of the CPUs (`-V`). */
    readonly visualWidth: number,
    readonly hasPrio: boolean,
    readonly hasState: boolean,
  ) {}

  /** Undefined when this is not the first line of a table. */
  static of(line: string): TimehistColumns | undefined {
    const header = HEADER.exec(line);
    if (header === null || (header[1]?.length ?? 0) > MAX_VISUAL) return undefined;
    return new TimehistColumns(header[1]?.length ?? 0, header[2] !== undefined, / state\b/.test(header[3]!));
  }

  /** What a line tells; undefined when it is no row of the table. */
  read(line: string): TimehistRow | undefined {
    const [, seconds, microseconds, cpu, all] = LINE.exec(line) ?? [];
    if (all === undefined || Number(cpu) > MAX_CPU) return undefined;
    const rest = all.slice(this.visualWidth === 0 ? 0 : this.visualWidth + 2).trimStart();
    const row = this.#interval(rest) ?? wakeup(rest) ?? migration(rest);
    return row && { seconds: Number(seconds), microseconds: Number(microseconds), cpu: Number(cpu), ...row };
  }

  #interval(rest: string) {
    const [, who, times, tail] = TIMES.exec(rest) ?? [];
    if (who === undefined || who === '') return undefined;
    const prio = this.hasPrio ? PRIO.exec(who) : null;
    const runUs = Math.round(Number(times!.trim().split(/ +/)[2]) * 1000);
    const [, state, afterState] = this.hasState ? (STATE.exec(tail!.trimStart()) ?? []) : [];
    const more = (this.hasState ? (afterState ?? '') : tail!).trimStart();
    const [, comm, tid] = NEXT.exec(more) ?? [];
    return {
      kind: 'ran',
      task: taskOf(prio === null ? who : prio[1]!),
      runUs,
      prio: prio === null ? undefined : Number(prio[2]),
      state: state === undefined ? undefined : stateOf(state),
      next: comm === undefined ? undefined : { comm, tid: Number(tid), tgid: -1 },
    } as const;
  }
}

/** A line that reports a loss: which CPU, how many events. */
export function lossOf(line: string): { readonly cpu: number; readonly count: number } | undefined {
  const lost = LOST.exec(line);
  if (lost === null || Number(lost[4]) > MAX_CPU) return undefined;
  return { cpu: Number(lost[4]), count: Number(lost[3]) };
}

function wakeup(rest: string) {
  const [, who, awakened] = AWAKENED.exec(rest) ?? [];
  if (awakened === undefined) return undefined;
  return { kind: 'awakened', task: taskOf(who!), awakened: taskOf(awakened) } as const;
}

function migration(rest: string) {
  const [, who, migrated, from, to] = MIGRATED.exec(rest) ?? [];
  if (migrated === undefined || Number(from) > MAX_CPU || Number(to) > MAX_CPU) return undefined;
  return {
    kind: 'migrated',
    task: taskOf(who!),
    migrated: taskOf(migrated),
    from: Number(from),
    to: Number(to),
  } as const;
}

/** `comm[tid]`, `comm[tid/pid]`, `<idle>`, `:68` for a thread whose name perf does not know, `:-1[-1/9]`
 * for one that is gone, or cut after 31 bytes. */
function taskOf(text: string): TimehistTask {
  const who = text.trimEnd();
  const known = TASK.exec(who);
  if (known !== null) {
    const tid = Number(known[2]);
    return { comm: known[1]!, tid, tgid: known[3] === undefined ? tid : Number(known[3]) };
  }
  if (who === '<idle>') return { comm: who, tid: 0, tgid: 0 };
  const nameless = /^:(\d+)$/.exec(who);
  return { comm: who, tid: nameless === null ? undefined : Number(nameless[1]), tgid: -1 };
}

/**
 * perf up to 6.5 has the letters of an old kernel: for its `W` (waking) and `K` (wakekill), states that no task is
 * switched out in, kernels since 4.14 mean `R+` and `I`.
 */
function stateOf(letter: string): string {
  if (letter === 'W') return 'R+';
  return letter === 'K' ? 'I' : letter;
}
