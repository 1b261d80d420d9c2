/**
 * Entry of the kernels: the table of operations, and what threads run. Compiled by AssemblyScript (scripts/build-kernels.mjs),
 * with and without relaxed SIMD. Nothing here is allocated: all memory is given by the host, and what threads have of their
 * own are a stretch of it and globals.
 */
import * as columns from './columns';
import * as elementwise from './elementwise';
import * as job from './job';
import * as losses from './losses';
import * as lstm from './lstm';
import * as products from './products';
import * as tables from './tables';

/** @param scratch of this thread, `SCRATCH_BYTES` in kernels.ts */
export function init(scratch: usize): void {
  job.useScratch(scratch);
}

function runTask(operation: i32, task: i32): void {
  switch (operation) {
    case 0:
      return products.pack(task);
    case 1:
      return products.multiplyTask(task);
    case 2:
      return lstm.forward(task);
    case 3:
      return lstm.backward(task);
    case 4:
      return elementwise.add(task);
    case 5:
      return elementwise.scale(task);
    case 6:
      return elementwise.relu(task);
    case 7:
      return elementwise.reluGradient(task);
    case 8:
      return elementwise.dropout(task);
    case 9:
      return elementwise.adam(task);
    case 10:
      return elementwise.squares(task);
    case 11:
      return tables.copyColumns(task);
    case 12:
      return tables.gather(task);
    case 13:
      return tables.scatter(task);
    case 14:
      return columns.columnSums(task);
    case 15:
      return columns.moments(task);
    case 16:
      return columns.normalise(task);
    case 17:
      return columns.normSums(task);
    case 18:
      return columns.normGradient(task);
    case 19:
      return losses.softmaxCrossEntropy(task);
    default:
      unreachable();
  }
}

function runTasks(): void {
  for (let task = job.takeTask(); task >= 0; task = job.takeTask()) {
    runTask(job.operation(), task);
    job.taskDone();
  }
}

/** Runs a job whose operation and arguments are written; other threads take part. @returns false when one failed */
export function run(tasks: i32): bool {
  job.openJob(tasks);
  runTasks();
  return job.awaitTasks(tasks);
}

/** The same without other threads: for what is too small to wake them. */
export function runAlone(tasks: i32): void {
  for (let task = 0; task < tasks; task += 1) runTask(job.operation(), task);
}

/** The life of a thread beside the first; returns when the engine ends. */
export function work(): void {
  let bell = job.bellNow();
  while (true) {
    runTasks();
    if (!job.awaitJob(bell)) return;
    bell = job.bellNow();
  }
}

/** What a thread says when `work` ended in a trap. */
export function failed(): void {
  job.taskFailed();
}

export function close(): void {
  job.closeJobs();
}
