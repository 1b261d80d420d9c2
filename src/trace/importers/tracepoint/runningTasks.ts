import type { CompiledDecoder } from '../../compiled/compiledDecoder.js';

/** CPUs whose running task is remembered; the kernel's NR_CPUS limit is 8192. */
const TRACKED_CPUS = 8192;
const NOBODY = -1;

/** Who runs on which CPU, as far as switches told. */
export class RunningTasks {
  readonly #tasks: Uint32Array;
  readonly #pids: Int32Array;

  /** With the compiled decoder's tables where it takes part. */
  constructor(decoder?: CompiledDecoder) {
    this.#tasks = decoder?.runningTasks ?? new Uint32Array(TRACKED_CPUS);
    this.#pids = (decoder?.runningPids ?? new Int32Array(TRACKED_CPUS)).fill(NOBODY);
  }

  /** Pid of who runs there, -1 when that is not known. */
  pidOn(cpu: number): number {
    return cpu < TRACKED_CPUS ? this.#pids[cpu]! : NOBODY;
  }

  /** Task of who runs there, where the pid is known. */
  taskOn(cpu: number): number {
    return this.#tasks[cpu]!;
  }

  set(cpu: number, pid: number, task: number): void {
    if (cpu >= TRACKED_CPUS) return;
    this.#pids[cpu] = pid;
    this.#tasks[cpu] = task;
  }

  forget(cpu: number): void {
    if (cpu < TRACKED_CPUS) this.#pids[cpu] = NOBODY;
  }
}
