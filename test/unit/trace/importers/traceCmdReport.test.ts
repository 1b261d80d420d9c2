import { describe, expect, it } from 'vitest';
import { bytesSource } from '../../../../src/base/byteSource.js';
import { importTrace } from '../../../../src/trace/importTrace.js';
import { EventType } from '../../../../src/trace/model/eventType.js';
import type { EventStore } from '../../../../src/trace/model/eventStore.js';
import { fixtureBytes } from '../../../support/importerFixtures.js';
import { rowTexts } from '../../../support/storeRows.js';
import { KERNEL_LETTERS, comparableRows, printedBy } from '../../../support/traceCmdRows.js';

const FOLDER = 'trace-cmd-report/3.1.6/';
const PLAIN = 'sched_switch:         a:1 [120] S ==> b:2 [120]';

async function fixture(name: string): Promise<EventStore> {
  return importTrace(bytesSource(name, fixtureBytes(FOLDER + name)));
}

async function read(...lines: string[]): Promise<EventStore> {
  const store = await importTrace(bytesSource('test', new TextEncoder().encode(lines.join('\n') + '\n')));
  expect(store.metadata.format).toBe('trace-cmd-report');
  return store;
}

/** CPU, time, actor and flags of the events. */
function shown(store: EventStore): string[] {
  return rowTexts(store).map((row) => {
    const columns = row.split(' | ');
    return [columns[1], columns[0], columns[3], columns[7]].join(' ');
  });
}

describe('trace-cmd report', () => {
  it.each([
    ['plugin.report.txt', []],
    ['N.report.txt.gz', ['-N']],
    ['l.report.txt.gz', ['-l']],
    ['ts-diff.report.txt.gz', ['--ts-diff', '-w']],
    ['raw-ts.report.txt.gz', ['-N', '--raw-ts']],
    ['R_l_t_ts-diff_w.report.txt.gz', ['-R', '-t']],
  ])('%s tells the same as -R -t', async (name, options) => {
    const precision = printedBy(options, KERNEL_LETTERS);
    const expected = comparableRows(await fixture('R_t.report.txt.gz'), precision);
    expect(expected).toHaveLength(336);
    expect(comparableRows(await fixture(name))).toEqual(expected);
  });

  it('tells the same as the kernel itself', async () => {
    const precision = printedBy(['-N'], KERNEL_LETTERS);
    const kernel = await importTrace(bytesSource('kernel', fixtureBytes(`${FOLDER}one.kernel.txt.gz`)));
    const store = await fixture('R_t.report.txt.gz');
    // The kernel rounds to microseconds as trace-cmd does.
    expect(comparableRows(store, precision)).toEqual(comparableRows(kernel));
    expect([kernel.metadata.format, store.metadata.cpuCount]).toEqual(['tracefs-text', 2]);
  });

  it('reads the flags of -l and cut names', async () => {
    const store = await fixture('l.report.txt.gz');
    const kernel = await importTrace(bytesSource('kernel', fixtureBytes(`${FOLDER}one.kernel.txt.gz`)));
    const flagsOf = (each: EventStore) => Array.from(each.flags, (flags) => each.flagTexts.get(flags));
    expect(flagsOf(store).slice(0, store.length)).toEqual(flagsOf(kernel).slice(0, kernel.length));
  });

  it('reads each kind of event from one buffer, and says what it left out', async () => {
    const store = await fixture('buffers.report.txt.gz');
    expect(store.eventCounts()).toEqual({
      sched_switch: 103,
      sched_wakeup: 53,
      sched_waking: 53,
      sched_migrate_task: 2,
    });
    expect(store.diagnostics.map(({ message }) => message)).toEqual([
      expect.stringMatching(/Of "kotextb" were left out: 100 sched_switch \(103 were read from "kotexta"\)/),
    ]);
  });

  it('knows the main buffer by its blank columns, and whose event follows a loss', async () => {
    const event = (microsecond: number) =>
      `${'a'.padStart(16)}-1     [000]     1.00000${microsecond}: ${PLAIN}`;
    const store = await read(
      'cpus=2',
      `     ${event(1)}`,
      `foo: ${event(2)}`,
      'foo: CPU:0 [5 EVENTS DROPPED]',
      event(3),
      '     CPU:0 [3 EVENTS DROPPED]',
      event(4),
      `     ${event(5)}`,
    );
    expect(shown(store).map((row) => row.split(' ')[1])).toEqual(['1000001000', '1000004000', '1000005000']);
    expect(store.losses.map(({ count, line }) => [count, line])).toEqual([[3, 6]]);
    expect(store.metadata.properties.get('buffers')).toBe('the main buffer, "foo"');
  });

  it('reads one file of several', async () => {
    const store = await read(
      '   host.dat: cpus=8',
      'guest 1.dat: cpus=2',
      `guest 1.dat:                a-1     [000]     1.000001: sched_waking:         comm=a pid=1 prio=120 target_cpu=000`,
      `   host.dat:                a-1     [007]     1.000002: ${PLAIN}`,
      `   host.dat:                a-1     [007]     1.000003: ${PLAIN}`,
      `guest 1.dat:                a-1     [000]     1.000004: ${PLAIN}`,
    );
    expect(store.eventCounts()).toEqual({ sched_switch: 2 });
    expect(store.metadata.cpuCount).toBe(8);
    expect(store.diagnostics[0]!.message).toMatch(
      /several files\. Of "guest 1\.dat" were left out: 1 sched_switch \(2 .* "host\.dat"\); 1 sched_waking/,
    );
  });

  it('decides by the first lines, not by the first one', async () => {
    const waking = 'sched_waking:         comm=a pid=1 prio=120 target_cpu=000';
    const lines = Array.from({ length: 6000 }, (_, i) => {
      const source = i % 3 === 0 && i < 6000 ? 'one' : 'two';
      return `${source}:                a-1     [000]     1.${String(i).padStart(6, '0')}: ${i === 5999 ? waking : PLAIN}`;
    });
    const store = await read('cpus=1', ...lines);
    expect(store.countOf(EventType.Switch)).toBe(3999);
    expect(store.length).toBe(4000);
  });

  it('reads whole-number times as nanoseconds and says so', async () => {
    const store = await read('cpus=2', `               a-1     [001]2193087464713: ${PLAIN}`);
    expect(store.absoluteNs(0)).toBe(2193087464713n);
    expect(store.diagnostics[0]!.message).toMatch(/^1 times of this report are whole numbers.*x86-tsc/);
    const short = await read(`       a-1       1d..2.2193087464713: (+106)   ${PLAIN}`);
    expect(shown(short)).toEqual(['cpu1 2193087464713 a:1 flags d..2.']);
  });

  it('is recognised without its preamble, and trimmed', async () => {
    expect(shown(await read(`a-1     [001]  2193.087464: ${PLAIN}`))).toEqual([
      'cpu1 2193087464000 a:1 flags ',
    ]);
    const squeezed = 'a-1 [001] 2193.087464: sched_switch: a:1 [120] S ==> b:2 [120]';
    expect(shown(await read(squeezed))).toEqual(['cpu1 2193087464000 a:1 flags ']);
  });

  it('does not take names that look like headers for headers', async () => {
    const store = await read(
      `inst:   -1 [000] 1.2: c-77    [001]  2193.087464: sched_switch:         -1 [000] 1.2: c:77 [120] S ==> b:2 [120]`,
    );
    expect(shown(store)).toEqual(['cpu1 2193087464000 -1 [000] 1.2: c:77 flags ']);
  });

  it('reports lines that are none', async () => {
    const store = await read(
      'cpus=1',
      '[ras:mc_event] function mc_event_error_type not defined',
      'Error: expected type 5 (DELIM) but read 6 (ITEM)',
      `               a-1     [000]     1.000001: ${PLAIN}`,
      'what is this',
      '               a-1     [000]     1.000002: sched_switch:         [FAILED TO PARSE] prev_comm=a',
    );
    expect(store.length).toBe(1);
    expect(store.diagnostics.map(({ line }) => line)).toEqual([5, 6]);
  });
});
