import { describe, expect, it } from 'vitest';
import { categoryOf, factsOfName } from '../../../src/dataset/category.js';
import { Symbols } from '../../../src/dataset/extract/switchRows.js';
import { taskName } from '../../../src/dataset/taskName.js';
import { vocabularyOf } from '../../../src/dataset/vocabulary.js';

describe('names of tasks', () => {
  it.each([
    ['kworker/0:1-events', 'kworker'],
    ['kworker/u8:2+flush', 'kworker'],
    ['kworker/1:1H', 'kworker'],
    ['nginx: worker', 'nginx'],
    ['sshd: user@pts/0', 'sshd'],
    ['sh-123', 'sh'],
    ['migration/0', 'migration'],
    ['ksoftirqd/12', 'ksoftirqd'],
    ['irq/24-eth0', 'irq/eth0'],
    ['kswapd0', 'kswapd'],
    ['kdamond.0', 'kdamond'],
    ['memfd:sealed-91', 'memfd:sealed'],
    ['pool-1-thread-3', 'pool-thread'],
    ['CPU 3/KVM', 'CPU/KVM'],
    ['Worker12', 'Worker'],
    ['python3', 'python3'],
    ['tokio-rt-worker', 'tokio-rt-worker'],
    ['stress-ng-cpu', 'stress-ng-cpu'],
    ['123', '123'],
    ['/7', '/7'],
    ['swapper', 'swapper (task)'],
    ['swapper/0', 'swapper (task)'],
    ['UNK', 'UNK (task)'],
  ])('%s is %s', (comm, name) => {
    expect(taskName(comm, 42)).toBe(name);
  });

  it('are one for idle, and none where the tracer knew none', () => {
    expect(['swapper/0', 'swapper/7', '<idle>', ''].map((comm) => taskName(comm, 0))).toEqual(
      new Array(4).fill('swapper'),
    );
    expect(['', '<...>', ':-1'].map((comm) => taskName(comm, 9))).toEqual([undefined, undefined, undefined]);
  });
});

describe('a vocabulary', () => {
  const symbols = new Symbols();
  const [a1, a2, b, c] = [
    symbols.tasks.intern(10, 'sh-1'),
    symbols.tasks.intern(11, 'sh-2'),
    symbols.tasks.intern(12, 'node'),
    symbols.tasks.intern(13, '<...>'),
  ];
  const [s, d] = [symbols.states.intern('S'), symbols.states.intern('D')];
  const tasks = new Float64Array(symbols.tasks.taskCount);
  [tasks[0], tasks[a1], tasks[a2], tasks[b], tasks[c]] = [3, 2, 2, 1, 7];
  const states = new Float64Array(symbols.states.size);
  [states[0], states[s], states[d]] = [4, 5, 6];
  const occurrences = { tasks, states, unknownTasks: 2 };

  it('has UNK, idle, and the others by how often they occur; names that are alike are one', () => {
    const vocabulary = vocabularyOf('comm', symbols, occurrences, 1);
    expect(vocabulary).toMatchObject({
      tasks: ['UNK', 'swapper', 'sh', 'node'],
      taskCounts: [9, 3, 4, 1],
      states: ['UNK', 'D', 'S'],
    });
    expect([...vocabulary.taskIndex]).toEqual([1, 2, 2, 3, 0]);
    expect([...vocabulary.stateIndex]).toEqual([0, 2, 1]);
  });

  it('leaves out what is too rare, but not idle', () => {
    const { tasks: names, taskCounts } = vocabularyOf('comm', symbols, occurrences, 4);
    expect({ names, taskCounts }).toEqual({ names: ['UNK', 'swapper', 'sh'], taskCounts: [10, 3, 4] });
  });

  it('is one of PIDs when asked for', () => {
    const { tasks: names } = vocabularyOf('pid', symbols, occurrences, 2);
    expect(names).toEqual(['UNK', '0', '13', '10', '11']);
  });
});

describe('what names of recordings tell', () => {
  it.each([
    ['hackbench_pipe_small_run0.txt.gz', 'hackbench_pipe_small', 0],
    ['io_mixed.3.perf.data', 'io_mixed', 3],
    ['cpu_bound_8p-run12.ftrace', 'cpu_bound_8p', 12],
    ['nginx_ab', 'nginx_ab', null],
    ['sysbench_cpu_4t.dat', 'sysbench_cpu_4t', null],
    ['run2.txt', undefined, 2],
    ['7', undefined, 7],
    ['trace.txt', undefined, null],
  ])('%s', (name, workload, run) => {
    expect(factsOfName(name)).toEqual({ workload, run });
  });

  it.each([
    ['hackbench_pipe_small', 'hackbench'],
    ['hackbench', 'hackbench'],
    ['sysbench_threads_16t', 'sysbench_threads'],
    ['sysbench-cpu-8t', 'sysbench_cpu'],
    ['cpu_bound_4p', 'cpu_bound'],
    ['io_mixed', 'io_mixed'],
    ['nginx_ab', 'nginx_ab'],
    ['pgbench_large_16c', 'pgbench'],
  ])('%s is of the category %s', (workload, category) => {
    expect(categoryOf(workload)).toBe(category);
  });
});
