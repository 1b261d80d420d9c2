import { describe, expect, it } from 'vitest';
import { isFailure } from '../../../../src/base/errors.js';
import { ctf } from '../../../../src/trace/importers/ctf/ctf.js';
import { EventStore } from '../../../../src/trace/model/eventStore.js';
import { ctfWorkload } from '../../../support/ctfWorkload.js';
import type { CtfEvent, CtfEventKind, CtfOptions } from '../../../support/ctfText.js';
import { writeCtf } from '../../../support/ctfWriter.js';
import { memoryFolder } from '../../../support/memoryFolder.js';
import { randomNumbers } from '../../../support/randomNumbers.js';
import { rowText, rowTexts } from '../../../support/storeRows.js';

type Files = ReadonlyMap<string, Uint8Array>;

function read(files: Files): EventStore {
  const store = new EventStore();
  [...ctf.read(memoryFolder(files), store)].length = 0;
  store.sortByTime();
  return store;
}

/** What was read before the damage is kept; everything but a `Failure` is a defect. */
function readDamaged(files: Files): EventStore {
  const store = new EventStore();
  try {
    [...ctf.read(memoryFolder(files), store)].length = 0;
  } catch (error) {
    if (!isFailure(error)) throw error;
  }
  store.sortByTime();
  return store;
}

function failureOf(files: Files): string {
  try {
    read(files);
  } catch (error) {
    if (isFailure(error, 'bad-input')) return error.message;
    throw error;
  }
  throw new Error('It was read.');
}

function below(folder: string, files: Files): [string, Uint8Array][] {
  return [...files].map(([path, bytes]) => [`${folder}${path}`, bytes]);
}

function remarks({ diagnostics }: EventStore): string[] {
  return diagnostics.map(({ severity, message }) => `${severity}: ${message}`);
}

const SWITCH: CtfEventKind = {
  name: 'sched_switch',
  id: 0,
  fields: {
    prev_comm: 'text16',
    prev_tid: 's32',
    prev_prio: 's32',
    prev_state: 's64',
    next_comm: 'text16',
    next_tid: 's32',
    next_prio: 's32',
  },
};
const WAKEUP: CtfEventKind = {
  name: 'sched_wakeup',
  id: 1,
  fields: { comm: 'text16', tid: 's32', prio: 's32', success: 's32', target_cpu: 's32' },
};
const EXEC: CtfEventKind = {
  name: 'sched_process_exec',
  id: 2,
  fields: { filename: 'string', tid: 's32', old_tid: 's32' },
};
const KINDS = [SWITCH, WAKEUP, EXEC];
const LTTNG: CtfOptions = { kinds: KINDS, header: 'compact' };

function switched(cycles: number, from: number, to: number, more: Partial<CtfEvent> = {}): CtfEvent {
  const values = {
    prev_comm: from === 0 ? 'swapper/0' : `task-${from}`,
    prev_tid: from,
    prev_prio: 20,
    prev_state: 1,
    next_comm: to === 0 ? 'swapper/0' : `task-${to}`,
    next_tid: to,
    next_prio: -1,
  };
  return {
    cpu: 0,
    cycles: BigInt(cycles),
    name: 'sched_switch',
    ...more,
    values: { ...values, ...more.values },
  };
}

function woken(cycles: number, tid: number, more: Partial<CtfEvent> = {}): CtfEvent {
  const values = { comm: `task-${tid}`, tid, prio: 20, success: 1, target_cpu: 1, ...more.values };
  return { cpu: 0, cycles: BigInt(cycles), name: 'sched_wakeup', ...more, values };
}

const THREE = [switched(1000, 0, 7), switched(2000, 7, 8), switched(3000, 8, 0)];

function encoded(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text));
}

function metadataOf(files: Files): string {
  return Buffer.from(files.get('metadata')!).toString();
}

function withMetadata(files: Files, change: (text: string) => string): Files {
  return new Map([...files, ['metadata', encoded(change(metadataOf(files)))]]);
}

describe('events', () => {
  it('takes priorities back from LTTng, which counts from 100', () => {
    const store = read(writeCtf(THREE, LTTNG));
    expect(rowText(store, 0)).toContain('swapper:0 | task-7:7 | prio 120/99 | state S');
  });

  it('names who ran from the switches where nothing else tells, and nobody before', () => {
    const store = read(writeCtf([woken(500, 9), ...THREE, woken(3500, 9)], LTTNG));
    expect(rowText(store, 0)).toContain('sched_wakeup | ? | task-9:9');
    expect(rowText(store, 4)).toContain('sched_wakeup | swapper:0 | task-9:9');
  });

  it('names who ran from the context, but never by the number that it has in a container', () => {
    const context = { vtid: 's32', tid: 's32', procname: 'text17' } as const;
    const ran = { context: { vtid: 1, tid: 4711, procname: 'in-container' } };
    const told = read(writeCtf([woken(500, 9, ran), ...THREE], { ...LTTNG, context }));
    expect(rowText(told, 0)).toContain('| in-container:4711 | task-9:9');
    const onlyVirtual = { ...LTTNG, context: { vtid: 's32' } } as const;
    const untold = read(writeCtf([woken(500, 9, { context: { vtid: 1 } }), ...THREE], onlyVirtual));
    expect(rowText(untold, 0)).toContain('| ? | task-9:9');
  });

  it('leaves out wakeups that woke nobody', () => {
    const store = read(writeCtf([...THREE, woken(3500, 9, { values: { success: 0 } })], LTTNG));
    expect(store.length).toBe(3);
    expect(remarks(store)[0]).toMatch(/1 wakeups with success=0/);
  });

  it.each([
    ['6.18.0', 0x100, 'R+'],
    ['6.18.0', 0x80, 'I'],
    ['4.13.16', 0x1000, 'R+'],
    ['4.13.16', 0x82, 'D|K'],
    ['4.4.0-generic', 0x800, 'R+'],
    ['4.4.0-generic', 0x402, 'D|N'],
    ['3.13.0', 0x400, 'R+'],
    ['3.13.0', 0x40, 'x'],
    ['3.2.0', 0x200, 'R+'],
  ])('reads the state by the kernel: %s %x', (kernel_release, prev_state, text) => {
    const environment = { domain: 'kernel', kernel_release, tracer_name: 'lttng-modules' };
    const event = switched(1000, 7, 8, { values: { prev_state } });
    const store = read(writeCtf([event], { ...LTTNG, environment }));
    expect(store.states.get(store.state[0]!)).toBe(text);
  });

  it('reads a state that is an enumeration', () => {
    const files = withMetadata(writeCtf(THREE, LTTNG), (text) =>
      text.replace(
        /integer (\{ size = 64; align = 8; signed = 1;[^}]*\}) _prev_state/,
        'enum : integer $1 { "TASK_RUNNING" = 0, "TASK_INTERRUPTIBLE" = 1, "high" = 2 ... 9223372036854775807, } _prev_state',
      ),
    );
    expect(metadataOf(files)).toContain('TASK_INTERRUPTIBLE');
    expect(rowTexts(read(files))).toEqual(rowTexts(read(writeCtf(THREE, LTTNG))));
  });
});

describe('packets', () => {
  it('puts lost events behind the packet that tells of them', () => {
    const events = [...THREE, switched(9000, 0, 9, { lostBefore: 17 })];
    const store = read(writeCtf([...events, switched(500, 0, 5, { cpu: 1 })], LTTNG));
    expect(store.losses).toEqual([{ cpu: 0, afterNs: 2500, beforeNs: 8500, count: 17, line: 5 }]);
  });

  it('tells that packets are missing', () => {
    const options = { ...LTTNG, eventsPerPacket: 1, packetBytes: 4096 };
    const files = writeCtf(THREE, options);
    const stream = files.get('channel0_0')!;
    files.set('channel0_0', Uint8Array.from([...stream.subarray(0, 4096), ...stream.subarray(8192)]));
    const store = read(files);
    expect(store.losses).toEqual([{ cpu: 0, afterNs: 0, beforeNs: 2000, count: undefined, line: 2 }]);
    expect(remarks(store)).toEqual([
      'info: CPU 0: 1 packets before packet 2 are missing; they were overwritten or not saved.',
    ]);
  });

  it('does not know how many were lost where a trace begins late', () => {
    const events = [...THREE, switched(9000, 0, 9, { lostBefore: 17 })];
    const [loss] = read(writeCtf(events, { ...LTTNG, firstPacket: 4 })).losses;
    expect(loss).toMatchObject({ cpu: 0, count: undefined });
  });

  it('reads events that are longer than what is read at once', () => {
    const length = 1_500_000;
    const exec = (cycles: number, size: number): CtfEvent => ({
      cpu: 0,
      cycles: BigInt(cycles),
      name: 'sched_process_exec',
      values: { filename: 'x'.repeat(size), tid: 5, old_tid: 4 },
    });
    const events = [
      ...THREE,
      exec(4000, length),
      exec(4001, 3),
      exec(4002, 1_048_000),
      exec(4003, 2 * length),
    ];
    const store = read(writeCtf([...events, switched(5000, 0, 1)], LTTNG));
    expect([...store.execFiles.values()].map((file) => file.length)).toEqual([
      length,
      3,
      1_048_000,
      2 * length,
    ]);
    expect(store.length).toBe(8);
    expect(store.diagnostics).toEqual([]);
  });

  it('reads files that continue each other as one stream', () => {
    const options = { ...LTTNG, eventsPerPacket: 1, packetBytes: 4096 };
    const events = [...THREE, switched(9000, 0, 9, { lostBefore: 17 })];
    const whole = read(writeCtf(events, options));
    const files = writeCtf(events, options);
    const stream = files.get('channel0_0')!;
    files.delete('channel0_0');
    files.set('channel0_0_1', stream.slice(0, 8192));
    files.set('channel0_0_0', stream.slice(8192));
    const store = read(files);
    expect(rowTexts(store)).toEqual(rowTexts(whole));
    expect(store.losses).toEqual(whole.losses);
    expect(store.diagnostics).toEqual([]);
  });
});

describe('folders', () => {
  const files = writeCtf(THREE, LTTNG);
  const ust = withMetadata(files, (text) => text.replace('domain = "kernel"', 'domain = "ust"'));

  it('knows a folder by the name of a file', () => {
    expect(ctf.detectFolder(['session/kernel/metadata', 'session/kernel/channel0_0']).matches).toBe(true);
    expect(ctf.detectFolder(['metadata.textproto', 'cpu0']).matches).toBe(false);
  });

  it('finds the trace in the folder of a session, and leaves user space alone', () => {
    const index: [string, Uint8Array] = ['session/kernel/index/channel0_0.idx', encoded('index')];
    const store = read(
      new Map([...below('session/kernel/', files), ...below('session/ust/uid/0/64-bit/', ust), index]),
    );
    expect(rowTexts(store)).toEqual(rowTexts(read(files)));
    expect(remarks(store)).toEqual([
      'info: The trace session/ust/uid/0/64-bit/metadata is a recording of user space (LTTng-UST): it is left out.',
    ]);
    expect(failureOf(ust)).toMatch(/none with scheduler events of the kernel/);
  });

  it('reads the parts of one recording together, of several recordings and of snapshots one', () => {
    const later = writeCtf([switched(9000, 0, 9)], LTTNG);
    const other = writeCtf([switched(9000, 0, 9)], {
      ...LTTNG,
      uuid: '00000000-0000-0000-0000-000000000001',
    });
    const parts = new Map([...below('archives/2/kernel/', later), ...below('archives/1/kernel/', files)]);
    expect(read(parts).length).toBe(4);
    const two = read(new Map([...below('a/', files), ...below('b/', other)]));
    expect(two.length).toBe(3);
    expect(remarks(two)).toEqual(['info: Only a/ is read; b/ is another recording: open it by itself.']);
    const snapshots = new Map([
      ...below('snapshot-1-2026/kernel/', files),
      ...below('snapshot-2-2026/kernel/', later),
    ]);
    expect(read(snapshots).length).toBe(3);
  });

  it('says what is missing', () => {
    expect(failureOf(new Map([['channel0_0', files.get('channel0_0')!]]))).toMatch(
      /holds no file "metadata"/,
    );
    expect(failureOf(new Map([['metadata', encoded('what: ever')]]))).toMatch(/neither with "\/\* CTF 1\.8/);
    expect(failureOf(new Map([['metadata', files.get('metadata')!]]))).toMatch(
      /no scheduler event that could/,
    );
    const none = withMetadata(files, (text) => text.replaceAll('sched_', 'sch_'));
    expect(failureOf(none)).toMatch(/lttng enable-event --kernel/);
  });

  it('leaves out files that are no data stream', () => {
    const store = read(new Map([...files, ['README', encoded('This is a text, not a stream.')]]));
    expect(store.length).toBe(3);
    expect(remarks(store)).toEqual(['info: README is no data stream of the trace: it is left out.']);
  });
});

const WHOLE = ctfWorkload({ dialect: 'lttng', seed: 11, events: 300, cpus: 2, hasContext: true });
const VARIANTS: readonly (readonly [string, Files])[] = [
  [
    'LTTng',
    writeCtf(WHOLE.events, { ...WHOLE, context: WHOLE.context!, header: 'compact', eventsPerPacket: 20 }),
  ],
  [
    'LTTng, metadata in packets',
    writeCtf(WHOLE.events, {
      ...WHOLE,
      context: WHOLE.context!,
      header: 'large',
      isMetadataPacketised: true,
      order: 'be',
      align: 'natural',
    }),
  ],
];

/** Without the number of the record, which tells how many came before it on all CPUs. */
function ofCpu(store: EventStore, cpu: number): string[] {
  return rowTexts(store)
    .filter((row) => row.includes(` | cpu${cpu} | `))
    .map((row) => row.slice(0, row.lastIndexOf(' | line')));
}

describe.each(VARIANTS)('damage: %s', (_name, files) => {
  const whole = read(files);

  it('reads as far as a stream goes that is cut off', () => {
    const stream = files.get('channel0_0')!;
    for (let percent = 0; percent < 100; percent += 1) {
      const part = stream.slice(0, Math.floor((stream.length * percent) / 100));
      const store = read(new Map([...files, ['channel0_0', part]]));
      const rows = ofCpu(store, 0);
      expect(rows).toEqual(ofCpu(whole, 0).slice(0, rows.length));
      expect(ofCpu(store, 1)).toEqual(ofCpu(whole, 1));
    }
  });

  it('reads as far as the metadata describe that are cut off', () => {
    const metadata = files.get('metadata')!;
    const rows = new Set([...ofCpu(whole, 0), ...ofCpu(whole, 1)].map(withoutActor));
    for (let percent = 0; percent < 100; percent += 1) {
      const part = metadata.slice(0, Math.floor((metadata.length * percent) / 100));
      const store = readDamaged(new Map([...files, ['metadata', part]]));
      const unknown = [...ofCpu(store, 0), ...ofCpu(store, 1)]
        .map(withoutActor)
        .filter((row) => !rows.has(row));
      expect({ percent, unknown }).toEqual({ percent, unknown: [] });
    }
  });

  it('survives changed bytes', () => {
    for (let seed = 1; seed <= 60; seed += 1) readDamaged(damaged(files, seed));
  });
});

/** Who ran may be known less well; names of tasks are as in the switches that were read. */
function withoutActor(row: string): string {
  const columns = row.split(' | ');
  return [...columns.slice(0, 3), ...columns.slice(4)].join(' | ').replace(/^\d+ \| (.*exec).*$/, '$1');
}

function damaged(files: Files, seed: number): Files {
  const random = randomNumbers(seed);
  return new Map(
    [...files].map(([path, bytes]) => {
      const copy = bytes.slice();
      if (path === 'metadata' ? seed % 3 === 0 : seed % 3 !== 0) {
        const flips = seed % 2 === 0 ? 4 : Math.ceil(copy.length / 200);
        for (let i = 0; i < flips; i += 1) copy[random(copy.length)]! ^= 1 << random(8);
        if (seed % 5 === 0) {
          const from = random(copy.length);
          copy.copyWithin(random(copy.length), from, from + random(500));
        }
      }
      return [path, copy];
    }),
  );
}
