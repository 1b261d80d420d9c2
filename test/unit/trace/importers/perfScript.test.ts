import { describe, expect, it } from 'vitest';
import { bytesSource } from '../../../../src/base/byteSource.js';
import { isFailure } from '../../../../src/base/errors.js';
import { importTrace } from '../../../../src/trace/importTrace.js';
import { LineSession } from '../../../../src/trace/importers/text/lineSession.js';
import { PerfScriptReader, perfScript } from '../../../../src/trace/importers/perf/perfScript.js';
import { PerfTaskRecords } from '../../../../src/trace/importers/perf/perfTaskRecords.js';
import { EventStore } from '../../../../src/trace/model/eventStore.js';
import { fixture } from '../../../support/perfOracle.js';
import { rowTexts } from '../../../support/storeRows.js';

const encoder = new TextEncoder();
const SWITCH = 'prev_comm=a prev_pid=1 prev_prio=120 prev_state=S ==> next_comm=b next_pid=2 next_prio=119';
const WAKING = 'comm=x pid=9 prio=120 target_cpu=000';

async function read(...lines: string[]): Promise<EventStore> {
  const bytes = encoder.encode(lines.map((line) => `${line}\n`).join(''));
  return importTrace(bytesSource('test', bytes), { format: 'perf-script' });
}

function actorText(store: EventStore, row = 0): string {
  const actor = store.actor[row]!;
  return `${store.tasks.comms[actor]!}:${store.tasks.pids[actor]!}`;
}

describe('perf script', () => {
  it('reads the columns that perf prints', async () => {
    const store = await read(
      `               a     1 [003]  1964.315321174:       sched:sched_switch: ${SWITCH}`,
      `         swapper     0 [001]  1964.315321175:       sched:sched_waking: ${WAKING}`,
      '         swapper     0 [001]  1964.315321176: sched:sched_migrate_task: comm=x pid=9 prio=120 orig_cpu=0 dest_cpu=1',
      '               b     2 [003]  1964.315321177: sched:sched_stat_runtime: comm=b pid=2 runtime=3367421 [ns]',
      '               b     2 [003]  1964.315321178: sched:sched_process_fork: comm=b pid=2 child_comm=b child_pid=3',
    );
    expect(rowTexts(store)).toEqual([
      '1964315321174 | cpu3 | sched_switch | a:1 | b:2 | prio 120/119 | state S | flags  | arg 0 | line 1',
      '1964315321175 | cpu1 | sched_waking | swapper:0 | x:9 | prio -/120 | state  | flags  | arg 0 | line 2',
      '1964315321176 | cpu1 | sched_migrate_task | swapper:0 | x:9 | prio -/120 | state  | flags  | arg 1 | line 3',
      '1964315321177 | cpu3 | sched_stat_runtime | b:2 | b:2 | prio -/- | state  | flags  | arg 3367421 | line 4',
      '1964315321178 | cpu3 | sched_process_fork | b:2 | b:3 | prio -/- | state  | flags  | arg 0 | line 5',
    ]);
    expect(store.diagnostics).toEqual([]);
  });

  it("reads the text of libtraceevent's sched plugin, whose comms hold colons, spaces and brackets", async () => {
    const store = await read(
      '            perf   47449 [000]  4709.475642: sched:sched_wakeup: migration/0:18 [0] CPU:000',
      '            perf   47449 [000]  4709.475645: sched:sched_switch: perf:47449 [120] R ==> migration/0:18 [0]',
      '         swapper       0 [002]  4709.476575: sched:sched_wakeup: kworker/u16:0:47342 [120] success=1 CPU:002',
      '         swapper       0 [002]  4709.476576: sched:sched_wakeup: a:1 [120] success=0 CPU:002',
      '         swapper       0 [002]  4709.476577: sched:sched_switch: swapper/2:0 [120] R ==> a ==> b:3 [1]:47342 [-5]',
      ' kworker/u16:0-e   47342 [002]  4709.476585: sched:sched_switch: x:1 [7] S:47342 [120] DK ==> swapper/2:0 [120]',
    );
    expect(rowTexts(store)).toEqual([
      '4709475642000 | cpu0 | sched_wakeup | perf:47449 | migration/0:18 | prio -/0 | state  | flags  | arg 0 | line 1',
      '4709475645000 | cpu0 | sched_switch | perf:47449 | migration/0:18 | prio 120/0 | state R | flags  | arg 0 | line 2',
      '4709476575000 | cpu2 | sched_wakeup | swapper:0 | kworker/u16:0:47342 | prio -/120 | state  | flags  | arg 2 | line 3',
      '4709476577000 | cpu2 | sched_switch | swapper:0 | a ==> b:3 [1]:47342 | prio 120/-5 | state R | flags  | arg 0 | line 5',
      '4709476585000 | cpu2 | sched_switch | x:1 [7] S:47342 | swapper:0 | prio 120/120 | state DK | flags  | arg 0 | line 6',
    ]);
    expect(store.diagnostics.map(({ message }) => message)).toEqual([
      '1 wakeups with success=0 woke nobody and were left out.',
    ]);
  });

  it.each([
    ['microseconds', '               a     7 [000]     1.000001:', 'a:7', 1_000_001_000n],
    ['nanoseconds', '               a     7 [000]     1.000000001:', 'a:7', 1_000_000_001n],
    ['pid/tid', '               a     5/7     [000]     1.000000001:', 'a:7', 1_000_000_001n],
    [
      'a comm with spaces and colons',
      '        my a: -b     7 [000]     1.000000001:',
      'my a: -b:7',
      1_000_000_001n,
    ],
    [
      'a comm that looks like a header',
      '  a 1 [000] 1.5:     7 [002]     1.000000001:',
      'a 1 [000] 1.5::7',
      1_000_000_001n,
    ],
    ['a comm without padding', 'a     7 [000]     1.000000001:', 'a:7', 1_000_000_001n],
    ['an unknown comm', '              :7     7 [000]     1.000000001:', ':7:7', 1_000_000_001n],
    ['-F misc', '               a     7 [000] K       1.000000001:', 'a:7', 1_000_000_001n],
    ['-F period', '               a     7 [000]     1.000000001:          1', 'a:7', 1_000_000_001n],
    ['no comm', '     7 [000]     1.000000001:', ':7', 1_000_000_001n],
  ])('reads headers: %s', async (_name, header, actor, timeNs) => {
    const store = await read(`${header} sched:sched_waking: ${WAKING}`);
    expect(store.diagnostics).toEqual([]);
    expect(actorText(store)).toBe(actor);
    expect(store.absoluteNs(0)).toBe(timeNs);
  });

  it('reads names of events with modifiers', async () => {
    const store = await read(
      `               a     7 [000]     1.000001: sched:sched_waking/call-graph=no/: ${WAKING}`,
    );
    expect(store.length).toBe(1);
  });

  it('keeps thread groups', async () => {
    const store = await read(
      `               a     5/7     [000]     1.000001: sched:sched_waking: ${WAKING}`,
      '               x     0/0     [000]     0.000000: PERF_RECORD_COMM: x:6/9',
    );
    const groups = [7, 9].map((pid) => store.tasks.threadTgids[store.tasks.threadOf(pid)]);
    expect(groups).toEqual([5, 6]);
  });

  it('takes what it can from the header of the file', async () => {
    const store = await read(
      '# ========',
      '# hostname : somewhere',
      '# os release : 6.18.44',
      '# perf version : 6.1.187',
      '# arch : x86_64',
      '# nrcpus online : 2',
      '# nrcpus avail : 4',
      '#',
      `               a     7 [000]     1.000001: sched:sched_waking: ${WAKING}`,
    );
    expect([...store.metadata.properties]).toEqual([
      ['kernel', '6.18.44'],
      ['perf version', '6.1.187'],
      ['architecture', 'x86_64'],
      ['CPUs online', '2'],
      ['CPUs available', '4'],
    ]);
    expect(store.metadata.cpuCount).toBe(2);
  });

  it('passes over call chains, empty lines, other events and records', async () => {
    const store = await read(
      '               a     7 [000]     1.000001: cpu-clock:pppH:      10101010 ffffffff8132 do_idle+0x1 ([kernel.kallsyms])',
      `               a     7 [000]     1.000002: sched:sched_waking: ${WAKING}`,
      '\tffffffff81c2 __schedule ([kernel.kallsyms])',
      '        ffffffff81c2 __schedule ([kernel.kallsyms])',
      '',
      '               a     7 [000]     1.000003: irq:irq_handler_entry: irq=24 name=ACPI:Ged',
      '               a     7 [000]     1.000004: PERF_RECORD_SWITCH_CPU_WIDE OUT          next pid/tid:     0/0    ',
    );
    expect(store.length).toBe(1);
    expect(store.diagnostics).toEqual([]);
  });

  it('reports lost events where they are missing', async () => {
    const store = await read(
      `               a     7 [000]     1.000001: sched:sched_waking: ${WAKING}`,
      '               a     7 [000]     1.000002: PERF_RECORD_LOST lost 233',
      `               a     7 [000]     1.000003: sched:sched_waking: ${WAKING}`,
      'Processed 5381 events and lost 19 chunks!',
    );
    expect(store.losses).toEqual([{ cpu: 0, afterNs: 0, beforeNs: 2000, count: 233, line: 2 }]);
    expect(store.diagnostics.map(({ message }) => message)).toEqual([
      'perf lost 19 chunks of events while it recorded 5381. Where they are missing shows "perf script --show-lost-events".',
    ]);
  });

  it("keeps the kernel's name of a worker, follows real renames, and leaves perf's names to its records", async () => {
    const worker = 'comm=kworker/u8:0 pid=5 runtime=1 [ns]';
    const store = await read(
      `  kworker/u8:0-e     5 [000]     1.000001: sched:sched_stat_runtime: ${worker}`,
      `  kworker/u8:0-e     5 [000]     1.000002: sched:sched_waking: ${WAKING}`,
      '       perf-exec     6 [001]     1.000003: sched:sched_stat_runtime: comm=perf-exec pid=6 runtime=1 [ns]',
      `           sleep     6 [001]     1.000004: sched:sched_waking: ${WAKING}`,
    );
    // At its first line only perf's name was known.
    expect([0, 1, 2, 3].map((row) => actorText(store, row))).toEqual([
      'kworker/u8:0-e:5',
      'kworker/u8:0:5',
      'perf-exec:6',
      'sleep:6',
    ]);
    const names = PerfTaskRecords.of(store)?.records.map((record) =>
      record.kind === 'comm' ? record.comm : '',
    );
    expect(names).toEqual(['kworker/u8:0-e', 'perf-exec', 'sleep']);
  });

  it('knows who runs when the header says that the thread is gone', async () => {
    const store = await read(
      `               a     1 [000]     1.000001: sched:sched_switch: ${SWITCH}`,
      `             :-1    -1 [000]     1.000002: sched:sched_waking: ${WAKING}`,
      '             :-1    -1 [000]     1.000003: sched:sched_switch: ' +
        'prev_comm=b prev_pid=2 prev_prio=120 prev_state=Z ==> next_comm=a next_pid=1 next_prio=120',
    );
    expect([0, 1, 2].map((row) => actorText(store, row))).toEqual(['a:1', 'b:2', 'b:2']);
  });

  it.each([
    ['no CPU', `               a     7     1.000001: sched:sched_waking: ${WAKING}`],
    ['no time stamp', `               a     7 [000] sched:sched_waking: ${WAKING}`],
  ])('refuses lines with %s', async (what, line) => {
    const failure = await read(line, line).catch((error: unknown) => error);
    expect(isFailure(failure, 'bad-input')).toBe(true);
    expect(String(failure)).toContain(`have ${what}`);
    const detection = perfScript.detect(encoder.encode(`${line}\n`));
    expect(detection.matches).toBe(false);
    expect(JSON.stringify(detection)).toContain('comm,pid,tid,cpu,time,event,trace');
  });

  it('is recognised by its content only', () => {
    const matches = (text: string) => perfScript.detect(encoder.encode(text)).matches;
    expect(matches(`               a     7 [000]     1.000001: sched:sched_waking: ${WAKING}\n`)).toBe(true);
    expect(matches('         swapper     0 [000]     0.000000: PERF_RECORD_COMM: kthreadd:2/2\n')).toBe(true);
    expect(matches(`               a-7     [000] d..2.  1.000001: sched_waking: ${WAKING}\n`)).toBe(false);
    expect(matches(`               a-7     [000]     1.000001: sched_waking:         ${WAKING}\n`)).toBe(
      false,
    );
    expect(matches('')).toBe(false);
    expect(matches('{"a": [1]}\n')).toBe(false);
  });
});

describe.each(['threads.script.txt', 'threads.task-events.txt', 'lost.task-events.txt'])(
  'fixture %s',
  (name) => {
    const bytes = new Uint8Array(fixture(name));

    it('is read the same by the shortcut, by the general reader, and in chunks of 97 bytes', async () => {
      const whole = rowTexts(await importTrace(bytesSource(name, bytes)));
      const store = new EventStore();
      const reader = new PerfScriptReader(store);
      const general = new LineSession(store, {
        line: (...line) => reader.line(...line),
        end: () => {
          reader.end();
        },
      });
      general.push(bytes);
      general.end();
      expect(rowTexts(store)).toEqual(whole);
      const pieces = await importTrace(bytesSource(name, bytes, 97));
      expect(rowTexts(pieces)).toEqual(whole);
      expect(pieces.diagnostics).toEqual([]);
    });

    it('is read up to where it is cut off', async () => {
      const whole = rowTexts(await importTrace(bytesSource(name, bytes)));
      for (let percent = 20; percent < 100; percent += 7) {
        const part = bytes.subarray(0, Math.floor((bytes.length * percent) / 100));
        const rows = rowTexts(await importTrace(bytesSource(name, part), { format: 'perf-script' }));
        expect(rows).toEqual(whole.slice(0, rows.length));
      }
    });

    it('with damaged bytes gives remarks, never a crash', async () => {
      let seed = 1;
      const random = (limit: number) => (seed = (seed * 48271) % 2147483647) % limit;
      for (let round = 0; round < 10; round += 1) {
        const damaged = bytes.slice(0, 60_000);
        for (let i = 0; i < 300; i += 1) damaged[random(damaged.length)] = random(256);
        const store = await importTrace(bytesSource(name, damaged), { format: 'perf-script' });
        expect(store.length).toBeGreaterThan(0);
      }
    });
  },
);
