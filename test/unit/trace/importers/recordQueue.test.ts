import { describe, expect, it } from 'vitest';
import { Chunk } from '../../../../src/trace/importers/perfData/chunk.js';
import { RecordQueue } from '../../../../src/trace/importers/perfData/recordQueue.js';

describe('records that wait', () => {
  it('merges the runs of CPUs; of equal times the record that came first goes first, also among kept ones', () => {
    const seen: [timeNs: number, line: number][] = [];
    const queue = new RecordQueue({
      timeNs: NaN,
      deliver(_chunk, _at, _attr, line) {
        seen.push([this.timeNs, line]);
      },
      deliverRows: (from) => from,
      flush: () => undefined,
    });
    const chunk = new Chunk(new Uint8Array(100), true);
    const push = (...times: number[]) => {
      for (const timeNs of times) queue.push(timeNs, chunk, 0, 0, (line += 1));
    };
    let line = 0;
    push(1, 5, 5, 9);
    push(2, 5, 7);
    queue.finishRound();
    push(7, 9, 12);
    push(9, 9, 11);
    queue.finishRound();
    expect([...queue.release(100)]).toEqual([]);
    expect(queue.doneOf(130)).toBe(110);
    push(8, 9);
    queue.finish();
    expect([...queue.release(100)]).toEqual([]);
    expect(chunk.isHeld).toBe(false);
    // 8 came later than its round allows: it cannot be put in front any more.
    const inOrder = [...[1, 2, 5, 5, 5, 7, 7, 9, 9, 9, 9], ...[8, 9, 11, 12]];
    expect(seen.map(([timeNs]) => timeNs)).toEqual(inOrder);
    expect(seen.map(([, number]) => number)).toEqual([1, 5, 2, 3, 6, 7, 8, 4, 9, 11, 12, 14, 15, 13, 10]);
  });
});
