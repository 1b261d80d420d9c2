import { describe, expect, it } from 'vitest';
import { TaskTable } from '../../../src/trace/model/taskTable.js';

describe('TaskTable', () => {
  it('knows very many names of one thread without walking over them', () => {
    const tasks = new TaskTable();
    const numbers = Array.from({ length: 100_000 }, (_, i) => tasks.intern(7, `name ${i}`));
    expect(new Set(numbers).size).toBe(100_000);
    for (let i = 0; i < 100_000; i += 97) expect(tasks.intern(7, `name ${i}`)).toBe(numbers[i]);
    expect(tasks.taskCount).toBe(100_001);
    expect(tasks.threadComm(tasks.threadOf(7))).toBe('name 99910');
  });

  it('puts the names of threads in order', () => {
    const tasks = new TaskTable();
    const [a, b, c] = ['a', 'b', 'c'].map((comm) => tasks.intern(5, comm)) as [number, number, number];
    const other = tasks.intern(6, 'x');
    tasks.orderNames([0, c, a, other, c, b]);
    expect(tasks.threadComms(tasks.threadOf(5))).toEqual(['c', 'a', 'b']);
    expect(tasks.threadComms(tasks.threadOf(6))).toEqual(['x']);
    expect(tasks.intern(5, 'c')).toBe(c);
  });
});
