import { assertUnreachable } from '../../base/assert.js';
import type { EventStore } from '../../trace/model/eventStore.js';
import { PerfStamp, byteWidth, cutBytes, cutMilliseconds, padBytes } from './perfText.js';
import type { PerfCompat } from './taskState.js';
import type { TimehistMigration, TimehistRow, TimehistSwitch, TimehistWakeup } from './timehist.js';

export interface TimehistTextOptions {
  readonly compat: PerfCompat;
  /** `-V`: a column a CPU. */
  readonly cpuVisual?: boolean;
  /** `-w`: the rows hold wakeups. */
  readonly wakeups?: boolean;
  /** `-n`: the next task. */
  readonly next?: boolean;
  /** `--state`: the state the task left in. */
  readonly state?: boolean;
  /** Number of online CPUs of the recorded machine; by default what the source tells, else what is seen. */
  readonly cpuCount?: number;
}

/** perf's `%-30s` of a task label; grows when a label is longer. */
const LABEL_WIDTH = 30;
/** perf's buffer for `next: comm[pid]`. */
const NEXT_LIMIT = 29;
const DASHES = '-'.repeat(200);

/**
 * Prints rows in the columns of `perf sched timehist`. One instance a listing, rows in order: as in perf the
 * column of the task names grows with the longest name so far.
 */
export class TimehistText {
  readonly #options: TimehistTextOptions;
  readonly #stamp: PerfStamp;
  #labelWidth = LABEL_WIDTH;
  /** perf takes the number of CPUs for the highest one, so it shows one column too many. */
  #highestCpu: number;

  constructor(store: EventStore, options: TimehistTextOptions) {
    this.#options = options;
    this.#stamp = new PerfStamp(store);
    this.#highestCpu = options.cpuCount ?? store.metadata.cpuCount ?? store.cpuLimit;
  }

  /** The three lines above the rows. */
  header(): string[] {
    const { cpuVisual, state } = this.#options;
    const cpus = this.#highestCpu + 1;
    const width = this.#labelWidth;
    const digits = Array.from({ length: cpus }, (_, cpu) => (cpu % 16).toString(16)).join('');
    const times = (a: string, b: string, c: string) =>
      `  ${a.padStart(9)}  ${b.padStart(9)}  ${c.padStart(9)}`;
    const visual = (text: string) => (cpuVisual === true ? ` ${text} ` : '');
    // Newer perf leaves the state's place in the line of units empty at the end.
    const stateUnit = state === true && this.#options.compat === 'perf-6.1' ? ' '.repeat(7) : '';
    return [
      `${'time'.padStart(15)} ${'cpu'.padStart(6)} ${visual(digits)} ${'task name'.padEnd(width)}` +
        times('wait time', 'sch delay', 'run time') +
        (state === true ? '  state' : ''),
      `${' '.repeat(15)} ${' '.repeat(6)} ${visual(' '.repeat(cpus))} ${'[tid/pid]'.padEnd(width)}` +
        times('(msec)', '(msec)', '(msec)') +
        stateUnit,
      `${DASHES.slice(0, 15)} ${DASHES.slice(0, 6)} ${visual(DASHES.slice(0, cpus))} ${DASHES.slice(0, width)}` +
        times(DASHES.slice(0, 9), DASHES.slice(0, 9), DASHES.slice(0, 9)) +
        (state === true ? `  ${DASHES.slice(0, 5)}` : ''),
    ];
  }

  /** One line, without line end. A delay that is not known is a dash. */
  line(row: TimehistRow): string {
    if (row.kind !== 'lost' && row.cpu > this.#highestCpu) this.#highestCpu = row.cpu;
    switch (row.kind) {
      case 'switch':
        return this.#switch(row);
      case 'wakeup':
        return this.#wakeup(row);
      case 'migration':
        return this.#migration(row);
      case 'lost':
        return `${this.#stamp.text(row.offsetNs).padStart(15)} lost ${row.count ?? '?'} events on cpu ${row.cpu}`;
      default:
        return assertUnreachable(row, 'row of timehist');
    }
  }

  #switch(row: TimehistSwitch): string {
    const { cpuVisual, state, next, wakeups } = this.#options;
    const label = this.#label(row.label);
    const visual = cpuVisual === true ? ` ${this.#cpuMark(row.cpu, row.isIdle ? 'i' : 's')} ` : '';
    const delay = row.delayNs === null ? `${'-'.padStart(10)} ` : time(row.delayNs);
    let line = `${this.#start(row)}${visual} ${label} ${time(row.waitNs)}${delay}${time(row.runNs)}`;
    if (state === true) line += ` ${row.state.padStart(5)} `;
    if (next === true) {
      const text = cutBytes(`next: ${row.nextComm}[${row.nextPid}]`, NEXT_LIMIT);
      line += ` ${padBytes(text, this.#labelWidth)}`;
    } else if (wakeups === true) {
      line += `  ${' '.repeat(this.#labelWidth)}`;
    }
    return line;
  }

  #wakeup(row: TimehistWakeup): string {
    const visual = this.#options.cpuVisual === true ? ` ${' '.repeat(this.#highestCpu + 1)} ` : '';
    const start = `${this.#start(row)}${visual} ${this.#label(row.label)} `;
    this.#label(row.awakened);
    return `${start}${NO_TIMES}awakened: ${row.awakened}`;
  }

  #migration(row: TimehistMigration): string {
    const visual = this.#options.cpuVisual === true ? `  ${this.#cpuMark(row.cpu, 'm')}  ` : '';
    const start = `${this.#start(row)}${visual} ${this.#label(row.label)} `;
    this.#label(row.migrated);
    return `${start}${NO_TIMES}migrated: ${row.migrated} cpu ${row.fromCpu} => ${row.toCpu}`;
  }

  /** `    1964.315332 [0000] ` */
  #start(row: { offsetNs: number; cpu: number }): string {
    return `${this.#stamp.text(row.offsetNs).padStart(15)} [${String(row.cpu).padStart(4, '0')}] `;
  }

  #label(label: string): string {
    this.#labelWidth = Math.max(this.#labelWidth, byteWidth(label));
    return padBytes(label, this.#labelWidth);
  }

  #cpuMark(cpu: number, mark: string): string {
    return ' '.repeat(cpu) + mark + ' '.repeat(Math.max(0, this.#highestCpu - cpu));
  }
}

const NO_TIMES = `  ${' '.repeat(9)}  ${' '.repeat(9)}  ${' '.repeat(9)} `;

/** print_sched_time with width 6. */
function time(ns: number): string {
  return `${cutMilliseconds(ns).padStart(10)} `;
}
