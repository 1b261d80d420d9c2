/**
 * Work shared by threads. A job is an operation with arguments in the control block, cut into tasks; threads take tasks until
 * none is left. What a task writes no other task writes, so it does not matter who does which.
 *
 * `ticket` holds the number of the job (upper half) and how many tasks are left to take (lower half) in one word: who takes a
 * task by exchanging it takes one of this very job, and its arguments stay until all taken tasks are done.
 */
const CONTROL: usize = 32768;
const TICKET: usize = CONTROL;
const DONE: usize = CONTROL + 8;
/** Counts up with each job: what sleeping threads wait on. */
const BELL: usize = CONTROL + 12;
const SLEEPERS: usize = CONTROL + 16;
const QUIT: usize = CONTROL + 20;
/** A thread could not finish its task. */
const FAILED: usize = CONTROL + 28;
/** The first thread sleeps until tasks are done. */
const IS_AWAITED: usize = CONTROL + 32;
const OPERATION: usize = CONTROL + 24;
const ARGUMENTS: usize = CONTROL + 64;

/** Turns of waiting before a thread sleeps: some 50 µs. */
const SPINS: i32 = 10000;

/** Of this thread. */
export let scratch: usize = 0;

export function useScratch(address: usize): void {
  scratch = address;
}

export function operation(): i32 {
  return load<i32>(OPERATION);
}

/** An argument of the job. */
// @ts-ignore: decorator
@inline
export function int(index: i32): i32 {
  return load<i32>(ARGUMENTS + <usize>index * 4);
}

// @ts-ignore: decorator
@inline
export function address(index: i32): usize {
  return load<usize>(ARGUMENTS + <usize>index * 4);
}

// @ts-ignore: decorator
@inline
export function float(index: i32): f32 {
  return load<f32>(ARGUMENTS + <usize>index * 4);
}

/** @returns the index of a task, or -1 when none is left */
export function takeTask(): i32 {
  while (true) {
    const ticket = atomic.load<u64>(TICKET);
    const left = <i32>(ticket & 0xffffffff);
    if (left == 0) return -1;
    if (atomic.cmpxchg<u64>(TICKET, ticket, ticket - 1) == ticket) return left - 1;
  }
}

export function taskDone(): void {
  atomic.add<i32>(DONE, 1);
  if (atomic.load<i32>(IS_AWAITED) != 0) atomic.notify(DONE, 1);
}

/** Opens the job whose arguments are written. */
export function openJob(tasks: i32): void {
  atomic.store<i32>(DONE, 0);
  const number = (atomic.load<u64>(TICKET) >> 32) + 1;
  atomic.store<u64>(TICKET, (number << 32) | <u64>tasks);
  atomic.add<i32>(BELL, 1);
  if (atomic.load<i32>(SLEEPERS) > 0) atomic.notify(BELL, -1);
}

/** A task of this thread ended in a trap: a defect. Nobody waits for it in vain. */
export function taskFailed(): void {
  atomic.store<i32>(FAILED, 1);
  taskDone();
}

/** Waits for tasks that others have taken. @returns false when one of them failed */
export function awaitTasks(tasks: i32): bool {
  for (let spin = 0; spin < SPINS; spin += 1) {
    if (atomic.load<i32>(DONE) == tasks) return atomic.load<i32>(FAILED) == 0;
  }
  // They are at work, unless other processes have their processors: spinning would only keep them from it.
  atomic.store<i32>(IS_AWAITED, 1);
  for (let done = atomic.load<i32>(DONE); done < tasks; done = atomic.load<i32>(DONE))
    atomic.wait<i32>(DONE, done, -1);
  atomic.store<i32>(IS_AWAITED, 0);
  return atomic.load<i32>(FAILED) == 0;
}

/** Waits for the next job. @returns false when the engine ends */
export function awaitJob(bell: i32): bool {
  for (let spin = 0; spin < SPINS; spin += 1) {
    if (atomic.load<i32>(BELL) != bell) return atomic.load<i32>(QUIT) == 0;
  }
  atomic.add<i32>(SLEEPERS, 1);
  while (atomic.load<i32>(BELL) == bell) atomic.wait<i32>(BELL, bell, -1);
  atomic.sub<i32>(SLEEPERS, 1);
  return atomic.load<i32>(QUIT) == 0;
}

export function bellNow(): i32 {
  return atomic.load<i32>(BELL);
}

/** Ends the threads that wait for jobs. */
export function closeJobs(): void {
  atomic.store<i32>(QUIT, 1);
  atomic.add<i32>(BELL, 1);
  atomic.notify(BELL, -1);
}
