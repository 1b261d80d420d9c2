import { describe, expect, it } from 'vitest';
import { parseEventFormat, parseField } from '../../../../src/trace/importers/tracepoint/eventFormat.js';
import { parseHeaderPage } from '../../../../src/trace/importers/tracepoint/headerPage.js';
import { latencyFlagsText } from '../../../../src/trace/importers/tracepoint/latencyFlags.js';
import { constant, prevStatePrinter } from '../../../../src/trace/importers/tracepoint/prevStateText.js';
import { RecentTasks } from '../../../../src/trace/importers/tracepoint/recentTasks.js';
import { RecordBytes } from '../../../../src/trace/importers/tracepoint/recordBytes.js';
import { SchedRecordReader } from '../../../../src/trace/importers/tracepoint/schedRecord.js';
import { mergeByTime, type TimedStream } from '../../../../src/trace/importers/tracepoint/timeMerge.js';
import { EventStore } from '../../../../src/trace/model/eventStore.js';
import { NO_TASK } from '../../../../src/trace/model/taskTable.js';
import { randomNumbers } from '../../../support/randomNumbers.js';
import { recordOf, schedFormats, type FieldValue } from '../../../support/schedFormats.js';
import { rowTexts } from '../../../support/storeRows.js';

describe('event formats', () => {
  it('reads what the kernel writes', () => {
    const format = parseEventFormat(schedFormats(8).get('sched_switch')!.text)!;
    expect([format.name, format.id, format.fields.size]).toEqual(['sched_switch', 316, 11]);
    const common = { storage: 'fixed', isSigned: true };
    expect(format.fields.get('prev_comm')).toEqual({
      ...common,
      name: 'prev_comm',
      type: 'char',
      offset: 8,
      sizeBytes: 16,
      arrayLength: 16,
    });
    expect(format.fields.get('prev_state')).toMatchObject({ type: 'long', offset: 32, sizeBytes: 8 });
    expect(format.printFormat).toContain('__print_flags');
  });

  it.each([
    ['\tfield:__data_loc char[] comm;\toffset:8;\tsize:4;\tsigned:0;', 'comm', 'dataLoc'],
    ['\tfield:__rel_loc char[] name;\toffset:8;\tsize:4;\tsigned:0;', 'name', 'relLoc'],
    ['\tfield: u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;', 'timestamp', 'fixed'],
    ['\tfield:const char * name;\toffset:16;\tsize:8;', 'name', 'fixed'],
    ['\tfield:char comm[TASK_COMM_LEN];\toffset:8;\tsize:16;\tsigned:0;', 'comm', 'fixed'],
  ])('reads the field %s', (line, name, storage) => {
    expect(parseField(line)).toMatchObject({ name, storage });
  });

  it.each([
    '',
    'print fmt: "x"',
    '\tfield:int x;\toffset:-1;\tsize:4;',
    '\tfield:int x;\toffset:9999999;\tsize:4;',
  ])('takes no other line for a field: %j', (line) => {
    expect(parseField(line)).toBeUndefined();
  });

  it('wants a name and an id', () => {
    expect(parseEventFormat('name: a\nformat:\n')).toBeUndefined();
    expect(parseEventFormat('ID: 1\nformat:\n')).toBeUndefined();
  });

  it('reads the sizes of a page', () => {
    const page = (commit: number, data: number, size: number) =>
      `\tfield: u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;\n\tfield: local_t commit;\toffset:8;\tsize:${commit};\tsigned:1;\n\tfield: char data;\toffset:${data};\tsize:${size};\tsigned:1;\n`;
    expect(parseHeaderPage(page(8, 16, 4080))).toEqual({ longBytes: 8, pageBytes: 4096 });
    expect(parseHeaderPage(page(4, 12, 65524))).toEqual({ longBytes: 4, pageBytes: 65536 });
    expect(parseHeaderPage(page(8, 16, 4096))).toBeUndefined();
    expect(parseHeaderPage(page(3, 11, 4085))).toBeUndefined();
    expect(parseHeaderPage('')).toBeUndefined();
  });
});

describe('previous states', () => {
  const letters = (table: string, mask: string, plus = '') =>
    `"prev_state=%s", (REC->prev_state & (${mask})) ? __print_flags(REC->prev_state & (${mask}), "|", ${table}) : "R"${plus}`;
  const OLD = `"prev_state=%s", REC->prev_state ? __print_flags(REC->prev_state, "|", { 1, "S"} , { 2, "D" }, { 64, "x" }, { 128, "K" }) : "R"`;

  it.each([
    [0, 'R'],
    [0x100, 'R+'],
    [0x1, 'S'],
    [0x82, 'D|I'],
    [0x20, 'Z'],
    [0x10, 'X'],
  ])('of today: %i is %s', (state, text) => {
    expect(prevStatePrinter(schedFormats(8).get('sched_switch')!.text)(state)).toBe(text);
    expect(prevStatePrinter('')(state)).toBe(text);
  });

  it('follow the table of the recording', () => {
    const print = prevStatePrinter(
      letters('{ 0x01, "S" }, { 0x02, "D" }', '8 - 1', ', REC->prev_state & 8 ? "+" : ""'),
    );
    expect([0, 1, 3, 4, 9, 8, 16].map(print)).toEqual(['R', 'S', 'S|D', '0x4', 'S+', 'R+', 'R']);
    expect([0, 1, 130, 64].map(prevStatePrinter(OLD))).toEqual(['R', 'S', 'D|K', 'x']);
  });

  it.each([
    ['((1 | 2 | 4) + 1) << 1', 16],
    ['0x10 - 1 & 0xff | 0x100', 0x10f],
    ['1 <<', undefined],
    ['(1', undefined],
    ['sizeof(x)', undefined],
    ['', undefined],
  ])('constants: %s', (expression, value) => {
    expect(constant(expression)).toBe(value);
  });
});

it.each([
  [0, 0, '.....'],
  [0x01, 2, 'd..2.'],
  [0x04 | 0x20, 0, '.N...'],
  [0x04, 1, '.n.1.'],
  [0x20, 0, '.p...'],
  [0x02, 0, '.l...'],
  [0x22, 0, '.L...'],
  [0x06, 0, '.b...'],
  [0x26, 0, '.B...'],
  [0x08, 0, '..h..'],
  [0x10, 0, '..s..'],
  [0x18 | 1, 0x1f, 'd.Hf1'],
  [0x40, 0, '..z..'],
  [0x48, 0, '..Z..'],
  [0x81, 0, 'D....'],
  [0x80, 0, 'b....'],
])('latency flags %i, count %i: %s', (flags, count, text) => {
  expect(latencyFlagsText(flags, count)).toBe(text);
});

/** Records lie at `place` of a larger array. */
function readerOf(
  longBytes: 4 | 8,
  isLittleEndian: boolean,
  comms: Record<number, string> = {},
  place: 'askew' | 'at words' | 'askew in memory' = 'askew',
) {
  const store = new EventStore();
  const commOf = (pid: number) =>
    comms[pid] === undefined ? undefined : new TextEncoder().encode(comms[pid]);
  const reader = new SchedRecordReader(store, { isLittleEndian, commOf });
  const formats = schedFormats(longBytes);
  for (const { text } of formats.values()) reader.addFormat(parseEventFormat(text)!);
  /** `cutBytes` are missing of the record. */
  const read = (name: string, fields: Record<string, FieldValue>, cutBytes = 0): boolean => {
    const record = recordOf(formats.get(name)!, fields, isLittleEndian);
    const memory = new Uint8Array(record.length + 20).fill(0x41);
    const bytes = memory.subarray(place === 'askew in memory' ? 2 : 0);
    const at = place === 'askew' ? 7 : 8;
    bytes.set(record, at);
    reader.offsetNs += 10;
    reader.line += 1;
    return reader.read(
      formats.get(name)!.id,
      new RecordBytes(bytes, isLittleEndian),
      at,
      record.length - cutBytes,
    );
  };
  store.offsetOf(0n);
  reader.offsetNs = 0;
  return { store, reader, read };
}

const SWITCH = {
  prev_comm: 'a',
  prev_pid: 1,
  prev_prio: 120,
  prev_state: 1,
  next_comm: 'b',
  next_pid: 2,
  next_prio: -1,
};

describe.each([
  [8, true],
  [8, false],
  [4, true],
  [4, false],
] as const)('records of a machine with a long of %i bytes, little-endian %s', (longBytes, isLittleEndian) => {
  it.each(['askew', 'at words', 'askew in memory'] as const)('are read field by field, %s', (place) => {
    const { store, read } = readerOf(longBytes, isLittleEndian, { 9: 'nine' }, place);
    read('sched_waking', { common_pid: 9, comm: 'a', pid: 1, prio: 120, target_cpu: 3 });
    read('sched_waking', { common_pid: 8, comm: 'sixteen-bytes-xx', pid: 7, prio: 0, target_cpu: 0 });
    read('sched_switch', { ...SWITCH, common_pid: 1, common_flags: 1, common_preempt_count: 2 });
    read('sched_stat_runtime', { common_pid: 2, comm: 'b', pid: 2, runtime: 2n ** 40n, vruntime: 2n ** 62n });
    read('sched_process_exec', { common_pid: 2, filename: '/bin/c', pid: 2, old_pid: 2 });
    read('sched_process_exit', { common_pid: 2, comm: 'c', pid: 2, prio: 120 });
    read('sched_migrate_task', { common_pid: 0, comm: 'a', pid: 1, prio: 120, orig_cpu: 1, dest_cpu: 2 });
    read('sched_process_fork', {
      common_pid: 2,
      parent_comm: 'c',
      parent_pid: 2,
      child_comm: 'c',
      child_pid: 5,
    });
    expect(rowTexts(store)).toEqual([
      '10 | cpu0 | sched_waking | nine:9 | a:1 | prio -/120 | state  | flags ..... | arg 3 | line 1',
      '20 | cpu0 | sched_waking | <...>:8 | sixteen-bytes-x:7 | prio -/0 | state  | flags ..... | arg 0 | line 2',
      '30 | cpu0 | sched_switch | a:1 | b:2 | prio 120/-1 | state S | flags d..2. | arg 0 | line 3',
      `40 | cpu0 | sched_stat_runtime | b:2 | b:2 | prio -/- | state  | flags ..... | arg ${2 ** 40} | line 4`,
      '50 | cpu0 | sched_process_exec | b:2 | b:2 | prio -/- | state  | flags ..... | arg 2 | line 5',
      '60 | cpu0 | sched_process_exit | c:2 | c:2 | prio -/120 | state  | flags ..... | arg 0 | line 6',
      `70 | cpu0 | sched_migrate_task | swapper:0 | a:1 | prio -/120 | state  | flags ..... | arg ${65536 + 2} | line 7`,
      '80 | cpu0 | sched_process_fork | c:2 | c:5 | prio -/- | state  | flags ..... | arg 0 | line 8',
    ]);
    expect(store.vruntimeNs?.[3]).toBe(2n ** 62n);
    expect(store.execFiles.get(5)).toBe('/bin/c');
  });

  it('are refused when they are too short or impossible', () => {
    const { store, read } = readerOf(longBytes, isLittleEndian);
    expect(read('sched_switch', SWITCH, 1)).toBe(false);
    expect(read('sched_process_exec', { filename: 'abc', pid: 1, old_pid: 1 }, 1)).toBe(false);
    expect(read('sched_migrate_task', { comm: 'a', pid: 1, prio: 1, orig_cpu: -1, dest_cpu: 0 })).toBe(false);
    expect(store.length).toBe(0);
  });
});

it('a comm that comes back is the thread’s name again', () => {
  const { store, read } = readerOf(8, true);
  for (const comm of ['one', 'two', 'one']) {
    read('sched_waking', { comm, pid: 77, prio: 1, target_cpu: 0 });
    read('sched_waking', { comm, pid: 77 + 4096, prio: 1, target_cpu: 0 });
  }
  expect(Array.from(store.subject.subarray(0, 6), (task) => store.tasks.comms[task])).toEqual([
    'one',
    'one',
    'two',
    'two',
    'one',
    'one',
  ]);
  expect(store.tasks.threadComm(store.tasks.threadOf(77))).toBe('one');
  expect(store.tasks.taskCount).toBe(5);
});

it('formats without a field that is needed are not used', () => {
  const reader = new SchedRecordReader(new EventStore(), { isLittleEndian: true });
  const { text } = schedFormats(8).get('sched_switch')!;
  expect(reader.addFormat(parseEventFormat(text.replace('next_pid;', 'other;'))!)).toBe('unusable');
  expect(reader.addFormat(parseEventFormat(text.replace('name: sched_switch', 'name: x'))!)).toBe('unknown');
  expect(reader.addFormat(parseEventFormat(text)!, 7)).toBe('added');
  expect([reader.knows(7), reader.knows(316)]).toEqual([true, false]);
});

describe('merging by time', () => {
  class Numbers implements TimedStream {
    constructor(
      readonly index: number,
      readonly times: number[],
      readonly out: [number, number][],
    ) {}

    get nextNs(): number {
      return this.times[0] ?? Infinity;
    }

    emitUntil(limitNs: number, budget: number): number {
      let count = 0;
      for (; this.nextNs <= limitNs && count < budget && this.times.length > 0; count += 1) {
        this.out.push([this.times.shift()!, this.index]);
      }
      return count;
    }
  }

  it.each([0, 1, 2, 3, 7, 64])('%i streams, equal times in the order of the streams', (count) => {
    const random = randomNumbers(count + 1);
    const out: [number, number][] = [];
    const streams = Array.from({ length: count }, (_, index) => {
      const times = Array.from({ length: random(300) }, () => random(500)).sort((a, b) => a - b);
      return new Numbers(index, times, out);
    });
    const expected = streams.flatMap(({ times, index }) =>
      times.map((time): [number, number] => [time, index]),
    );
    expected.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    expect([...mergeByTime(streams, () => 0)]).toEqual([]);
    expect(out).toEqual(expected);
  });

  it('stops from time to time', () => {
    const out: [number, number][] = [];
    const times = Array.from({ length: 100_000 }, (_, i) => i);
    const steps = [...mergeByTime([new Numbers(0, times, out)], () => out.length)];
    expect(steps).toEqual([32768, 65536, 98304]);
  });
});

describe('a comm of any length', () => {
  const encoder = new TextEncoder();

  /** The texts one behind the other; each looked up where it lies, with its room up to the next one. */
  function lookUp(pid: number, texts: readonly string[]) {
    const { tasks } = new EventStore();
    const recent = new RecentTasks(tasks);
    const bytes = encoder.encode(texts.join(''));
    const piece = new RecordBytes(bytes, true);
    let at = 0;
    return texts.map((text) => {
      const start = at;
      at += encoder.encode(text).length;
      return tasks.comms[recent.taskOfText(pid, piece, start, at)];
    });
  }

  it('ends with its room or with the first zero byte', () => {
    const texts = [
      'bash\0',
      'bash\0',
      'bash',
      'bas\0',
      'basher\0',
      'a\0bc',
      'bash\0',
      'kworker/u8:0-events\0',
      '',
    ];
    expect(lookUp(7, texts)).toEqual([
      ...['bash', 'bash', 'bash', 'bas', 'basher', 'a', 'bash', 'kworker/u8:0-events', ''],
    ]);
  });

  it('is the same task as one of 16 bytes', () => {
    const { tasks } = new EventStore();
    const recent = new RecentTasks(tasks);
    const bytes = new Uint8Array(64).fill(0x41);
    bytes.set(encoder.encode('bash\0\0\0\0\0\0\0\0\0\0\0\0'), 0);
    bytes.set(encoder.encode('bash\0'), 20);
    const piece = new RecordBytes(bytes, true);
    const task = recent.taskOf(7, piece, 0);
    expect(recent.taskOfText(7, piece, 20, 25)).toBe(task);
    expect(tasks.taskCount).toBe(2);
    expect(recent.taskOfText(-2_147_483_648, piece, 20, 25)).toBe(NO_TASK);
  });
});
