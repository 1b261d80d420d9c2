import { afterEach, describe, expect, it, vi } from 'vitest';
import { parseEventFormat } from '../../../../src/trace/importers/tracepoint/eventFormat.js';
import { RecordBytes } from '../../../../src/trace/importers/tracepoint/recordBytes.js';
import { SchedFastPath } from '../../../../src/trace/importers/tracepoint/schedFastPath.js';
import { SchedRecordReader } from '../../../../src/trace/importers/tracepoint/schedRecord.js';
import { EventRefused } from '../../../../src/trace/model/eventRefused.js';
import { EventStore } from '../../../../src/trace/model/eventStore.js';
import { oneOf, randomNumbers, type RandomNumbers } from '../../../support/randomNumbers.js';
import {
  recordOf,
  schedFormats,
  type FieldValue,
  type WrittenFormat,
} from '../../../support/schedFormats.js';
import { rowTexts } from '../../../support/storeRows.js';

const RECORDS = 2000;
const TASKS = [
  'bash:7',
  'kworker/0:1:12',
  'sixteen-bytes-x:4107',
  'bash:11',
  'renamed:7',
  'swapper/0:0',
  'a:-3',
];

afterEach(() => {
  vi.restoreAllMocks();
});

/** As kernels since 6.x have it: the record tells where its comm lies. */
function withCommElsewhere(format: WrittenFormat): WrittenFormat {
  const type = '__data_loc char[]';
  return {
    ...format,
    fields: format.fields.map((field) => (field.name === 'comm' ? { ...field, type, sizeBytes: 4 } : field)),
    text: format.text.replace(
      /char comm\[16\];\toffset:(\d+);\tsize:16/,
      `${type} comm;\toffset:$1;\tsize:4`,
    ),
  };
}

function formats(hasCommsElsewhere: boolean): WrittenFormat[] {
  return [...schedFormats(8).values()].map((format) =>
    hasCommsElsewhere && format.fields.some(({ name }) => name === 'comm')
      ? withCommElsewhere(format)
      : format,
  );
}

function valuesOf(random: RandomNumbers): Record<string, FieldValue> {
  const task = () => /^(.*):(-?\d+)$/.exec(oneOf(random, TASKS))!;
  const [, comm = '', pid] = task();
  const [, otherComm = '', otherPid] = task();
  const [, , actorPid] = task();
  return {
    common_flags: random(3),
    common_preempt_count: random(2),
    common_pid: Number(actorPid),
    comm,
    pid: Number(pid),
    prio: oneOf(random, [120, 0, -1, 40_000]),
    target_cpu: oneOf(random, [0, 1, -1, 3, 70_000]),
    orig_cpu: random(4),
    dest_cpu: oneOf(random, [0, 1, 40_000, -2]),
    runtime: oneOf(random, [0n, 5000n, 90_000n, 2n ** 31n, 2n ** 33n, -1n]),
    vruntime: BigInt(random(1000)) * 2n ** 30n,
    prev_comm: comm,
    prev_pid: Number(pid),
    prev_prio: 120,
    prev_state: oneOf(random, [0, 1, 2, 256, 65_535, -1]),
    next_comm: otherComm,
    next_pid: Number(otherPid),
    next_prio: oneOf(random, [120, 99]),
    parent_comm: comm,
    parent_pid: Number(pid),
    child_comm: otherComm,
    child_pid: Number(otherPid),
    filename: '/bin/sh',
    old_pid: Number(pid),
  };
}

/** What becomes of the records; those that lie askew in memory have no words, so that the shortcut cannot read them. */
function readAll(seed: number, hasCommsElsewhere: boolean, isDamaged: boolean, isAskew: boolean) {
  const random = randomNumbers(seed);
  const store = new EventStore();
  const reader = new SchedRecordReader(store, { isLittleEndian: true });
  const written = formats(hasCommsElsewhere);
  for (const { text } of written) reader.addFormat(parseEventFormat(text)!);
  store.offsetOf(0n);
  reader.offsetNs = 0;
  const results: (boolean | string)[] = [];
  for (let i = 0; i < RECORDS; i += 1) {
    const format = oneOf(random, written);
    const record = recordOf(format, valuesOf(random), true);
    if (isDamaged && random(4) === 0) record[random(record.length)] = random(256);
    const length = isDamaged && random(20) === 0 ? random(record.length) : record.length;
    const bytes = new Uint8Array(record.length + 24).fill(0x41).subarray(isAskew ? 2 : 0);
    bytes.set(record, 4);
    reader.offsetNs += 10;
    reader.line += 1;
    reader.cpu = oneOf(random, [0, 1, 2, 9000]);
    if (random(50) === 0) reader.forget(reader.cpu);
    try {
      results.push(reader.read(format.id, new RecordBytes(bytes, true), 4, length));
    } catch (error) {
      if (!(error instanceof EventRefused)) throw error;
      results.push(error.message);
    }
  }
  const { tasks, execFiles, vruntimeNs } = store;
  return {
    results,
    rows: rowTexts(store),
    comms: tasks.comms,
    names: tasks.threadPids.map((_, thread) => tasks.threadComm(thread)),
    execFiles,
    vruntimes: vruntimeNs?.slice(0, store.length),
  };
}

describe.each([false, true])('records whose comms lie elsewhere: %s', (hasCommsElsewhere) => {
  it.each([
    ['whole', false],
    ['damaged', true],
  ])('that are %s are read the same by the shortcut and by the general reader', (_, isDamaged) => {
    const shortcut = vi.spyOn(SchedFastPath.prototype, 'read');
    for (const seed of [1, 2]) {
      shortcut.mockClear();
      const fast = readAll(seed, hasCommsElsewhere, isDamaged, false);
      const taken = shortcut.mock.results.filter(({ value }) => value === true).length;
      expect(taken).toBeGreaterThan(RECORDS / 20);
      shortcut.mockClear();
      const general = readAll(seed, hasCommsElsewhere, isDamaged, true);
      expect(shortcut).not.toHaveBeenCalled();
      expect(fast.results).toEqual(general.results);
      expect(fast.rows).toEqual(general.rows);
      expect(fast).toEqual(general);
    }
  });
});
