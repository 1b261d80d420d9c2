import { describe, expect, it } from 'vitest';
import { contestedOf } from '../../../src/dataset/extract/contested.js';
import { NOT_TOLD } from '../../../src/dataset/sequences.js';
import { TraceBuilder } from '../analysis/traceBuilder.js';

function contestedIn(trace: TraceBuilder): number[] {
  return [...contestedOf(trace.store)!];
}

describe('whether a CPU had a choice', () => {
  it('has none with one task woken, and one with the task before still runnable', () => {
    const trace = new TraceBuilder()
      .wakeup(5, 0, 7, 0)
      .switch(10, 0, 0, 'R', 7)
      .wakeup(15, 0, 8, 0)
      // 7 was preempted: it and 8 could have had the CPU.
      .switch(20, 0, 7, 'R', 8)
      // 8 sleeps: only 7 is left.
      .switch(30, 0, 8, 'S', 7)
      .switch(40, 0, 7, 'S', 0);
    expect(contestedIn(trace)).toEqual([0, 1, 0, 0]);
  });

  it('counts those that wait in its own queue alone, wherever they were woken', () => {
    const trace = new TraceBuilder()
      .switch(10, 0, 0, 'R', 7)
      .switch(11, 1, 0, 'R', 5)
      .wakeup(15, 0, 8, 1)
      .wakeup(16, 1, 9, 1)
      // On CPU 0 nobody waits; on CPU 1 both 8 and 9.
      .switch(20, 0, 7, 'S', 6)
      .switch(30, 1, 5, 'S', 8)
      .switch(40, 1, 8, 'S', 9);
    expect(contestedIn(trace)).toEqual([0, 0, 0, 1, 0]);
  });

  it('follows a waiting task to the CPU that it is moved to', () => {
    const trace = new TraceBuilder()
      .switch(10, 0, 0, 'R', 7)
      .switch(11, 1, 0, 'R', 5)
      .wakeup(15, 0, 8, 0)
      .wakeup(16, 0, 9, 0)
      .migrate(17, 1, 9, 0, 1)
      .switch(20, 0, 7, 'S', 8)
      .switch(30, 1, 5, 'R', 9);
    expect(contestedIn(trace)).toEqual([0, 0, 0, 1]);
  });

  it('takes going idle for no choice, whatever is believed to wait', () => {
    const trace = new TraceBuilder()
      .switch(10, 0, 0, 'R', 7)
      .waking(14, 0, 8, 0)
      .waking(15, 0, 9, 0)
      .switch(20, 0, 7, 'S', 0);
    expect(contestedIn(trace)).toEqual([0, 0]);
  });

  it('is known again with the first switch behind a loss, of those that were seen since', () => {
    const trace = new TraceBuilder()
      .wakeup(5, 0, 7, 0)
      .switch(10, 0, 0, 'R', 7)
      .wakeup(15, 0, 8, 0)
      .loss(0)
      .switch(30, 0, 6, 'S', 7)
      .switch(40, 0, 7, 'R', 6);
    expect(contestedIn(trace)).toEqual([0, 0, 1]);
  });

  it('is not told where it is not known who runs', () => {
    const trace = new TraceBuilder().wakeup(5, 0, 7, 0).switch(10, 0, 0, 'R', 7).switch(20, 0, 7, 'S', 8);
    const { store } = trace;
    // The task that the second switch names is not told.
    store.subject[2] = 0xffff_ffff;
    expect(contestedIn(trace)).toEqual([0, NOT_TOLD]);
  });

  it('is told of no switch without wakeups, or without states', () => {
    expect(contestedOf(new TraceBuilder().switch(10, 0, 0, 'R', 7).store)).toBeNull();
    const stateless = new TraceBuilder().wakeup(5, 0, 7, 0).switch(10, 0, 0, '', 7);
    expect(contestedOf(stateless.store)).toBeNull();
    expect(contestedOf(new TraceBuilder().store)).toBeNull();
  });
});
