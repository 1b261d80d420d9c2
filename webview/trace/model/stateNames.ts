import { assertUnreachable } from '../../../src/base/assert.js';
import { ThreadState, type LaneId } from '../../../src/protocol/traceMessages.js';

export function stateName(state: ThreadState): string {
  switch (state) {
    case ThreadState.Unknown:
      return 'unknown';
    case ThreadState.Running:
      return 'running';
    case ThreadState.Runnable:
      return 'runnable after wakeup';
    case ThreadState.Preempted:
      return 'preempted, waiting to run again';
    case ThreadState.Sleeping:
      return 'sleeping';
    case ThreadState.Uninterruptible:
      return 'uninterruptible sleep';
    case ThreadState.Other:
      return 'stopped, parked or dead';
    default:
      return assertUnreachable(state, 'thread state');
  }
}

/** Letters of `prev_state`: include/trace/events/sched.h. */
const letters: Readonly<Record<string, string>> = {
  R: 'still runnable: it was preempted or yielded',
  S: 'sleeping, interruptible',
  D: 'uninterruptible sleep, mostly waiting for I/O or a lock',
  T: 'stopped by a signal',
  t: 'stopped by a tracer',
  X: 'dead',
  Z: 'zombie, waiting to be reaped',
  P: 'parked kernel thread',
  I: 'idle kernel thread',
  K: 'wakes up for fatal signals',
  W: 'waking',
  N: 'new',
  x: 'dead',
};

/** A previous state as the kernel printed it (`S`, `R+`, `D|K`), in words. */
export function explainLeftState(state: string): string {
  const parts = state
    .replace('+', '')
    .split('|')
    .map((letter) => letters[letter] ?? `state ${letter}`);
  const words = parts.join('; ');
  return state.includes('+') ? `${words}; preempted by the kernel` : words;
}

/** By value. */
const states: readonly ThreadState[] = [
  ThreadState.Unknown,
  ThreadState.Running,
  ThreadState.Runnable,
  ThreadState.Preempted,
  ThreadState.Sleeping,
  ThreadState.Uninterruptible,
  ThreadState.Other,
];

/** The state that a byte of a lane stands for; Unknown for values that are none. */
export function stateOf(byte: number): ThreadState {
  return states[byte] ?? ThreadState.Unknown;
}

export function laneKey(lane: LaneId): string {
  return lane.kind === 'thread' ? `t${lane.thread}` : `${lane.kind === 'cpu' ? 'c' : 'd'}${lane.cpu}`;
}
