import { describe, expect, it } from 'vitest';
import { bytesAccess } from '../../../../src/base/randomAccess.js';
import { perfetto } from '../../../../src/trace/importers/perfetto/perfetto.js';
import { EventStore } from '../../../../src/trace/model/eventStore.js';
import {
  arrays,
  event,
  messages,
  readPerfetto,
  rows,
  toTask,
  trace,
  utsname,
  wakes,
} from '../../../support/perfettoSamples.js';
import { ProtoWriter, ftracePacket } from '../../../support/perfettoWriter.js';
import { rowTexts } from '../../../support/storeRows.js';

describe('arrays of switches', () => {
  it('know who leaves from the switch before, and who wakes', () => {
    const store = readPerfetto(
      trace(arrays(2, [toTask(100, 5), wakes(150, 6, 5), toTask(200, 6), toTask(300, 0)])),
    );
    expect(rows(store)).toEqual([
      '100 sched_switch ? task5:5',
      '150 sched_waking task5:5 task6:6',
      '200 sched_switch task5:5 task6:6',
      '300 sched_switch task6:6 swapper:0',
    ]);
    expect(rowTexts(store)[1]).toContain('| prio -/110 | state  | flags  | arg 1 |');
    expect(store.cpuLimit).toBe(3);
  });

  it('learn who runs from messages among them', () => {
    const migrate = { comm: 'task9', pid: 9, prio: 120, orig_cpu: 1, dest_cpu: 2 };
    const moved = event(90, 0, 'sched_migrate_task', migrate, 5);
    const store = readPerfetto(trace(arrays(0, [moved, toTask(100, 6, 'task6'), toTask(200, 5, 'task5')])));
    expect(rows(store)).toEqual([
      '90 sched_migrate_task <...>:5 task9:9',
      '100 sched_switch <...>:5 task6:6',
      '200 sched_switch task6:6 task5:5',
    ]);
    expect(store.arg[0]).toBe(65536 + 2);
  });

  it('leave under the name that a rename gave', () => {
    const rename = event(150, 0, 'task_rename', { pid: 5, oldcomm: 'task5', newcomm: 'new name' }, 5);
    const store = readPerfetto(trace(arrays(0, [toTask(100, 5), rename, toTask(200, 6)])));
    expect(rows(store)[1]).toBe('200 sched_switch new name:5 task6:6');
  });

  it('do not reach across lost events', () => {
    const store = readPerfetto(
      trace(
        arrays(0, [toTask(100, 5)]),
        arrays(1, [toTask(110, 8, 'b', 1)]),
        arrays(0, [toTask(200, 6)], true),
        arrays(1, [toTask(210, 9, 'c', 1)]),
      ),
    );
    expect(rows(store)).toEqual([
      '100 sched_switch ? task5:5',
      '110 sched_switch ? b:8',
      '200 sched_switch ? task6:6',
      '210 sched_switch b:8 c:9',
    ]);
    expect(store.losses).toEqual([{ cpu: 0, afterNs: 0, beforeNs: 100, count: undefined, line: 3 }]);
  });

  it('are read when they are split, or not packed', () => {
    const compact = new ProtoWriter().text(5, 'a').packed(1, [1000]).packed(1, [5]).packed(2, [1, 1]);
    compact.varint(3, 4).varint(3, 300).packed(4, [120, 121]).packed(6, [0, 0]);
    const store = readPerfetto(
      trace(new ProtoWriter().message(1, new ProtoWriter().varint(1, 0).message(4, compact))),
    );
    expect(rows(store)).toEqual(['1000 sched_switch ? a:4', '1005 sched_switch a:4 a:300']);
    expect(messages(store)).toEqual([]);
  });

  it.each([
    ['too few pids', { pids: [4], comms: [0, 0] }],
    ['too many pids', { pids: [4, 5, 6], comms: [0, 0] }],
    ['a name that is not in the table', { pids: [4, 5], comms: [0, 1] }],
  ])('are reported when they do not fit together: %s', (_what, { pids, comms }) => {
    const compact = new ProtoWriter().text(5, 'a').packed(1, [1000, 5]).packed(2, [1, 1]);
    compact.packed(3, pids).packed(4, [120, 121]).packed(6, comms);
    const store = readPerfetto(
      trace(new ProtoWriter().message(1, new ProtoWriter().varint(1, 0).message(4, compact))),
    );
    expect(rows(store)[0]).toBe('1000 sched_switch ? a:4');
    expect(messages(store)).toEqual([expect.stringMatching(/^Batches whose arrays .* together: 1\./)]);
  });
});

describe('times', () => {
  it('are exact after 104 days of uptime', () => {
    const start = 2n ** 53n + 12_345_677n;
    const events = [toTask(start, 5), toTask(start + 3n, 6)];
    for (const packet of [ftracePacket(0, events), arrays(0, events)]) {
      const store = readPerfetto(trace(packet));
      expect([store.absoluteNs(0), store.absoluteNs(1)]).toEqual([start, start + 3n]);
    }
  });

  it('that lie far away are refused', () => {
    const store = readPerfetto(
      trace(ftracePacket(0, [toTask(100, 5), toTask(2n ** 63n, 6), toTask(300, 7)])),
    );
    expect(rows(store).map((row) => row.split(' ')[0])).toEqual(['100', '300']);
    expect(messages(store)).toEqual([
      expect.stringContaining('more than 104 days away from the first one: 1.'),
    ]);
  });

  it('are in order while rounds of draining come in', () => {
    const packets = Array.from({ length: 20 }, (_, round) =>
      [0, 1, 2].map((cpu) => {
        const from = round * 1000 + cpu * 10;
        return arrays(cpu, [toTask(from, 5, 'a', cpu), toTask(from + 500, 6, 'b', cpu)]);
      }),
    ).flat();
    const store = new EventStore();
    const steps = perfetto.read(bytesAccess('mine', trace(...packets)), store);
    [...steps].length = 0;
    expect(store.length).toBe(120);
    expect(store.isSorted).toBe(true);
  });
});

describe('states', () => {
  it.each([
    ['6.1.0-13-amd64', 0x100, 'R+'],
    ['6.1.0', 0x80, 'I'],
    ['4.14.1', 0x40, 'P'],
    ['5.15.0', 0x82, 'D|I'],
    ['4.9.1', 0x1000, 'R+'],
    ['4.4.302', 0x800, 'R+'],
    ['4.4.302', 0x200, 'P'],
    ['4.4.302', 0x82, 'D|K'],
    ['3.18.0', 0x402, 'I'],
    ['3.18.0', 0x40, 'x'],
    [undefined, 0x100, 'R+'],
    [undefined, 0x800, 'R+'],
    [undefined, 0x01, 'S'],
    [undefined, 0x80, 'I'],
  ])('on Linux %s: %i is %s', (release, state, text) => {
    const packets = [ftracePacket(0, [toTask(100, 5, 'a', 0, state)])];
    if (release !== undefined) packets.unshift(utsname(release));
    const store = readPerfetto(trace(...packets));
    expect(store.states.get(store.state[0]!)).toBe(text);
    expect(store.metadata.properties.get('kernel')).toBe(release);
  });
});

describe('names and groups', () => {
  it('come from the process tree, wherever it stands', () => {
    const tree = new ProtoWriter()
      .message(1, new ProtoWriter().varint(1, 40).text(3, '/usr/bin/a-program-of-long-name'))
      .message(2, new ProtoWriter().varint(1, 41).text(2, 'worker').varint(3, 40));
    const store = readPerfetto(
      trace(ftracePacket(0, [wakes(100, 3, 41), wakes(200, 3, 40)]), new ProtoWriter().message(2, tree)),
    );
    const { tasks } = store;
    const of = (pid: number) => [
      tasks.threadComm(tasks.threadOf(pid)),
      tasks.threadTgids[tasks.threadOf(pid)],
    ];
    expect([of(41), of(40), of(3)]).toEqual([
      ['worker', 40],
      ['a-program-of-lo', 40],
      ['task3', -1],
    ]);
  });

  it('come from task_newtask', () => {
    const thread = event(100, 0, 'task_newtask', { pid: 51, comm: 'worker', clone_flags: 0x10f00 }, 50);
    const process = event(90, 0, 'task_newtask', { pid: 50, comm: 'parent', clone_flags: 0x11 }, 1);
    const store = readPerfetto(trace(ftracePacket(0, [process, thread, wakes(200, 51, 50)])));
    expect(rows(store)).toEqual(['200 sched_waking parent:50 task51:51']);
    const { tasks } = store;
    expect([50, 51].map((pid) => tasks.threadTgids[tasks.threadOf(pid)])).toEqual([50, 50]);
  });
});

describe('events that Perfetto has no message for', () => {
  const runtime = { comm: 'a', pid: 5, runtime: 1234, vruntime: 9876543210 };

  it('are read by their names', () => {
    const store = readPerfetto(
      trace(ftracePacket(0, [event(100, 0, 'sched_stat_runtime', runtime, 5), event(110, 0, 'other', {})])),
    );
    expect(rows(store)).toEqual(['100 sched_stat_runtime a:5 a:5']);
    expect([store.arg[0], store.vruntimeNs?.[0]]).toEqual([1234, 9876543210n]);
  });

  it('are read by the description in the trace, which comes behind them', () => {
    const field = (name: string, number: number) =>
      new ProtoWriter().text(1, name).varint(3, number).varint(5, 4);
    const message = new ProtoWriter().text(1, 'sched_stat_runtime');
    for (const [name, number] of [
      ['pid', 2],
      ['comm', 7],
      ['runtime', 3],
      ['else', 1],
    ] as const) {
      message.message(2, field(name, number));
    }
    const described = new ProtoWriter().varint(1, 65541).message(2, message);
    const payload = new ProtoWriter().varint(1, 1).varint(2, 5).varint(3, 77).text(7, 'a');
    const ftrace = new ProtoWriter().varint(1, 100).varint(2, 5).message(65541, payload);
    const bundle = new ProtoWriter().varint(1, 0).message(2, ftrace).message(11, described);
    const store = readPerfetto(trace(new ProtoWriter().message(1, bundle)));
    expect(rows(store)).toEqual(['100 sched_stat_runtime a:5 a:5']);
    expect(store.arg[0]).toBe(77);
  });

  it('of forks, exits and execs have their own', () => {
    const store = readPerfetto(
      trace(
        ftracePacket(0, [
          event(
            1,
            0,
            'sched_process_fork',
            { parent_comm: 'p', parent_pid: 4, child_comm: 'c', child_pid: 5 },
            4,
          ),
          event(2, 0, 'sched_process_exec', { filename: '/bin/x', pid: 5, old_pid: 5 }, 5),
          event(3, 0, 'sched_process_exit', { comm: 'x', pid: 5, tgid: 5, prio: 120 }, 5),
        ]),
      ),
    );
    expect(rows(store)).toEqual([
      '1 sched_process_fork p:4 c:5',
      '2 sched_process_exec c:5 c:5',
      '3 sched_process_exit c:5 x:5',
    ]);
    expect([...store.execFiles]).toEqual([[2, '/bin/x']]);
  });
});

describe('losses', () => {
  it('of packets concern all CPUs', () => {
    const inSequence = (packet: ProtoWriter, isAfterLoss: boolean) =>
      packet.varint(10, 3).varint(42, isAfterLoss ? 1 : 0);
    const store = readPerfetto(
      trace(
        inSequence(arrays(0, [toTask(100, 5)]), true),
        inSequence(arrays(1, [toTask(110, 6, 'b', 1)]), false),
        inSequence(arrays(0, [toTask(200, 5)]), true),
        inSequence(arrays(1, [toTask(210, 6, 'b', 1)]), false),
      ),
    );
    expect(store.losses.map(({ cpu, afterNs, beforeNs }) => [cpu, afterNs, beforeNs])).toEqual([
      [0, 0, 100],
      [1, 10, 110],
    ]);
    expect(rows(store)[3]).toBe('210 sched_switch ? b:6');
  });

  it('at the end of a CPU are reported', () => {
    const store = readPerfetto(trace(arrays(0, [toTask(100, 5)]), arrays(0, [], true)));
    expect(store.losses).toEqual([{ cpu: 0, afterNs: 0, beforeNs: undefined, count: undefined, line: 2 }]);
  });

  it('in the ring buffers are counted from beginning to end', () => {
    const stats = (phase: number, overruns: readonly number[]) => {
      const message = new ProtoWriter().varint(1, phase);
      overruns.forEach((overrun, cpu) =>
        message.message(2, new ProtoWriter().varint(1, cpu).varint(3, overrun)),
      );
      return new ProtoWriter().message(34, message);
    };
    const packets = [
      stats(1, [10, 0]),
      ftracePacket(0, [toTask(100, 5)]),
      stats(2, [12, 1]),
      stats(2, [15, 1]),
    ];
    expect(readPerfetto(trace(...packets)).metadata.overwrittenEvents).toBe(6);
    expect(readPerfetto(trace(packets[1]!)).metadata.overwrittenEvents).toBeUndefined();
  });
});
