/**
 * Perfetto traces made by Python's protobuf from recordings of our own in text, compared event for event with what the
 * text says; and traces of our own writer, read back by Python's protobuf.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { bytesSource } from '../../src/base/byteSource.js';
import { importTrace } from '../../src/trace/importTrace.js';
import type { EventStore } from '../../src/trace/model/eventStore.js';
import { fixtureBytes } from '../support/importerFixtures.js';
import { kernelEvents, perfettoTrace, type KernelEvent } from '../support/perfettoWriter.js';
import { rowTexts } from '../support/storeRows.js';
import { pythonWith, type PythonEnvironment } from './pythonEnvironment.js';

const SCRIPT = fileURLToPath(new URL('../support/perfetto.py', import.meta.url));
/** The first time, pip fetches protobuf. */
const SETUP_MS = 180_000;

/** Columns of a row's text. */
const TIME = 0;
const EVENT = 2;
const ACTOR = 3;
const SUBJECT = 4;
const PRIO = 5;
const FLAGS = 7;
const LINE = 9;

let environment: PythonEnvironment = { missing: 'it was not looked for' };

beforeAll(async () => {
  environment = await pythonWith('python-protobuf', ['protobuf']);
}, SETUP_MS);

beforeEach((context) => {
  if ('python' in environment) return;
  const reason = `there is no Python with protobuf: ${environment.missing}`;
  console.warn(`Skipped: ${context.task.name}: ${reason}`);
  context.skip(reason);
});

function python(mode: 'encode' | 'decode', input: string | Uint8Array): Buffer {
  if ('missing' in environment) throw new Error(environment.missing);
  const { status, stdout, stderr } = spawnSync(environment.python, [SCRIPT, mode], {
    input,
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(`perfetto.py failed: ${String(stderr)}`);
  return stdout;
}

async function read(bytes: Uint8Array): Promise<EventStore> {
  return importTrace(bytesSource('trace', Uint8Array.from(bytes)));
}

/**
 * Rows by CPU, in order: text has microseconds, so that the order between CPUs is not told. Of who ran only the pid, and
 * so of an exec: the header of a line has the name of when it was printed.
 */
function rowsByCpu(store: EventStore, without: readonly number[]): string[] {
  const rows = rowTexts(store).map((row) => row.split(' | '));
  const cells = rows.map((row) =>
    row
      .map((cell, column) => {
        if (column === TIME) return String(BigInt(cell) / 1000n);
        const isHeader = column === ACTOR || (column === SUBJECT && row[EVENT] === 'sched_process_exec');
        return isHeader ? cell.slice(cell.lastIndexOf(':') + 1) : cell;
      })
      .filter((_, column) => column !== LINE && column !== FLAGS && !without.includes(column))
      .join(' | '),
  );
  const cpus = [...new Set(store.cpu.subarray(0, store.length))].sort();
  return cpus.flatMap((cpu) => cells.filter((_, row) => store.cpu[row] === cpu));
}

/** Rows that do not say who ran, as arrays do until the first switch of a CPU, as the reference has them. */
function withActors(rows: readonly string[], reference: readonly string[]): string[] {
  return rows.map((row, index) => (row.includes(' | ? | ') ? reference[index]! : row));
}

/**
 * Kernels of some virtual machines leave out switches from idle, so that a thread runs that nobody switched to. Arrays
 * take for granted that there are none such.
 */
function withMissingSwitches(events: readonly KernelEvent[]): KernelEvent[] {
  const running = new Map<number, number>();
  return events.flatMap((event) => {
    const { cpu, fields } = event;
    const isSwitch = event.name === 'sched_switch';
    const pid = isSwitch ? Number(fields['prev_pid']) : event.pid;
    const left = running.get(cpu);
    running.set(cpu, isSwitch ? Number(fields['next_pid']) : pid);
    if (left === undefined || left === pid) return [event];
    const of = { prev_comm: 'a', prev_pid: left, prev_prio: 120, prev_state: 0 };
    const to = { next_comm: 'b', next_pid: pid, next_prio: 120 };
    return [{ ...event, pid: left, name: 'sched_switch', fields: { ...of, ...to } }, event];
  });
}

function encoded(events: readonly KernelEvent[], options: object): Buffer {
  return python('encode', JSON.stringify({ events, options: { roundEvents: 200, ...options } }));
}

const MESSAGES = [
  ['messages', {}],
  ['compressed messages', { compression: 'zlib' }],
  ['events that the trace describes', { describe: true }],
] as const;
const ARRAYS = [
  ['arrays', { isCompact: true }],
  ['compressed arrays', { isCompact: true, compression: 'zlib' }],
  ['one round for all', { isCompact: true, roundEvents: 1_000_000 }],
] as const;
/** Of all that ran; the one of perf has some processes only, and so no unbroken chain of switches. */
const TRACEFS = ['tracefs/6.18/nop.txt', 'tracefs/6.18/tgid.txt'];
const RECORDINGS = [...TRACEFS, 'perf/6.1/threads.script.txt.gz'];

describe.each(RECORDINGS)('%s', (name) => {
  it.each(MESSAGES)('is the same from a Perfetto trace of %s', async (_form, options) => {
    const text = await read(fixtureBytes(name));
    const trace = await read(encoded(kernelEvents(text), options));
    expect(trace.metadata.format).toBe('perfetto');
    expect(trace.diagnostics).toEqual([]);
    expect(trace.eventCounts()).toEqual(text.eventCounts());
    expect(rowsByCpu(trace, [])).toEqual(rowsByCpu(text, []));
  });

  it.each([...MESSAGES, ...ARRAYS])('comes in order of time from %s', async (_form, options) => {
    const events = kernelEvents(await read(fixtureBytes(name)));
    events.sort((a, b) => (BigInt(a.ns) < BigInt(b.ns) ? -1 : 1));
    let wasSorted = true;
    await importTrace(bytesSource('trace', Uint8Array.from(encoded(events, options))), {
      onRows: (store) => {
        wasSorted &&= store.isSorted;
      },
    });
    expect(wasSorted).toBe(true);
  });

  it.each([
    ['messages', false],
    ['arrays', true],
  ])('is read by protobuf as our writer wrote it: %s', async (_form, isCompact) => {
    const events = kernelEvents(await read(fixtureBytes(name)));
    const bytes = perfettoTrace(events, { isCompact, roundEvents: 300 });
    const decoded = JSON.parse(String(python('decode', bytes))) as KernelEvent[];
    const key = ({ cpu, ns, name: event }: KernelEvent) => `${cpu} ${ns} ${event}`;
    const byKey = new Map(decoded.map((event) => [key(event), event]));
    expect(byKey.size).toBe(events.length);
    for (const event of events) {
      const { fields } = byKey.get(key(event))!;
      if (isCompact) expect(event.fields).toMatchObject(fields);
      else expect(fields).toEqual(event.fields);
    }
  });
});

describe.each(TRACEFS)('%s', (name) => {
  it.each(ARRAYS)(
    'is the same from a Perfetto trace of %s, but for what they lack',
    async (_form, options) => {
      const events = withMissingSwitches(kernelEvents(await read(fixtureBytes(name))));
      const messages = await read(encoded(events, {}));
      const arrays = await read(encoded(events, options));
      expect(arrays.diagnostics).toEqual([]);
      expect(arrays.eventCounts()).toEqual(messages.eventCounts());
      // Arrays have no priority of who leaves.
      const expected = rowsByCpu(messages, [PRIO]);
      const rows = rowsByCpu(arrays, [PRIO]);
      expect(withActors(rows, expected)).toEqual(expected);
      expect(rows.filter((row) => row.includes(' | ? | ')).length).toBeLessThan(8);
      expect(arrays.subjectPrio.subarray(0, arrays.length).toSorted()).toEqual(
        messages.subjectPrio.subarray(0, messages.length).toSorted(),
      );
    },
  );
});
