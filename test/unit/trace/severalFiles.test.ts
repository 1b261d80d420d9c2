import { readFileSync } from 'node:fs';
import { mkdtemp, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { schedLatency } from '../../../src/analysis/perf/latency.js';
import { bytesSource, type ByteSource } from '../../../src/base/byteSource.js';
import { importTrace } from '../../../src/trace/importTrace.js';
import { PerfTaskRecords } from '../../../src/trace/importers/perf/perfTaskRecords.js';
import type { EventStore } from '../../../src/trace/model/eventStore.js';
import { openInput } from '../../../src/trace/recording/openInput.js';
import { listOf, shortNames } from '../../../src/trace/recording/partNames.js';
import { fixtureBytes } from '../../support/importerFixtures.js';
import { splitByCpu } from '../../support/splitByCpu.js';
import { rowText } from '../../support/storeRows.js';

const CHUNK_BYTES = 3000;
const LOSSES = 'lost-events.ftrace';

function textSource(name: string, text: string, chunkBytes = CHUNK_BYTES): ByteSource {
  return bytesSource(name, new TextEncoder().encode(text), chunkBytes);
}

/** A fixture's text, or that of a sample. */
function fixtureText(name: string): string {
  if (name === LOSSES) return readFileSync(new URL(`../../../samples/${name}`, import.meta.url), 'utf8');
  return new TextDecoder().decode(fixtureBytes(name.startsWith('perf/') ? name : `tracefs/6.18/${name}.txt`));
}

/** Rows without their places in the files, CPU by CPU: between CPUs, equal times have no order. */
function rowsByCpu(store: EventStore): string[] {
  const rows = Array.from({ length: store.length }, (_, row) => row);
  rows.sort((a, b) => store.cpu[a]! - store.cpu[b]! || a - b);
  return rows.map((row) => rowText(store, row).replace(/ \| line \d+$/, ''));
}

function lossTexts(store: EventStore): string[] {
  return store.losses
    .map(
      ({ cpu, afterNs, beforeNs, count }) =>
        `${cpu} ${String(afterNs === undefined ? undefined : store.baseNs + BigInt(afterNs))} ${String(beforeNs === undefined ? undefined : store.baseNs + BigInt(beforeNs))} ${String(count)}`,
    )
    .sort();
}

function groups(store: EventStore): string[] {
  const { threadPids, threadTgids } = store.tasks;
  return threadPids.map((pid, thread) => `${pid}:${threadTgids[thread]!}`).sort();
}

const SWITCH_TEXT = (cpu: number, us: number, from: number, to: number) =>
  `            task${from}-${String(from).padEnd(7)} [00${cpu}] d..2.   ${(us / 1e6).toFixed(6)}: sched_switch: prev_comm=task${from} prev_pid=${from} prev_prio=120 prev_state=S ==> next_comm=task${to} next_pid=${to} next_prio=120\n`;

const EMPTY_CPU = '# tracer: nop\n#\n# entries-in-buffer/entries-written: 0/0   #P:2\n#\n';

describe('the texts of the CPUs', () => {
  it.each(['nop', 'tgid', 'overwritten', LOSSES, 'no_irq_info', 'headerless'])(
    'of %s give the rows, losses and thread groups of the whole text',
    async (name) => {
      const text = fixtureText(name);
      const files = splitByCpu(text);
      expect(files.size).toBeGreaterThan(1);
      const whole = await importTrace(textSource('whole', text));
      const store = await importTrace(
        [...files].map(([cpu, own]) => textSource(`per_cpu/cpu${cpu}/trace`, own)),
      );
      expect(rowsByCpu(store)).toEqual(rowsByCpu(whole));
      expect(lossTexts(store)).toEqual(lossTexts(whole));
      expect(groups(store)).toEqual(groups(whole));
      expect(store.metadata.format).toBe('tracefs-text');
      expect(store.metadata.cpuCount).toBe(whole.metadata.cpuCount);
      expect(store.metadata.overwrittenEvents).toBe(whole.metadata.overwrittenEvents);
      expect(store.metadata.properties).toEqual(whole.metadata.properties);
      expect(store.diagnostics.length).toBe(whole.diagnostics.length);
    },
  );

  it('keep the place of each row: file and line', async () => {
    const files = [...splitByCpu(fixtureText(LOSSES)).values()];
    const store = await importTrace(files.map((text, at) => textSource(`cpu${at}`, text)));
    expect(store.sources).toEqual(['cpu0', 'cpu1']);
    const lines = files.map((text) => text.split('\n'));
    for (let row = 0; row < store.length; row += 1) {
      const { line, source } = store.placeOf(store.line[row]!);
      const us = (store.absoluteNs(row) / 1000n).toString().padStart(7, '0');
      expect(lines[source]![line - 1]).toContain(` ${us.slice(0, -6)}.${us.slice(-6)}: `);
    }
    for (const loss of store.losses) {
      const { line, source } = store.placeOf(loss.line);
      expect(lines[source]![line - 1]).toMatch(new RegExp(`^CPU:${loss.cpu} \\[LOST`));
    }
  });

  it('may be without events on a CPU that was idle', async () => {
    const store = await importTrace([
      textSource('cpu0', SWITCH_TEXT(0, 1000, 0, 7)),
      textSource('cpu1', EMPTY_CPU),
    ]);
    expect(store.length).toBe(1);
    expect(store.metadata.cpuCount).toBe(2);
    expect(store.diagnostics).toEqual([
      { severity: 'info', message: 'This file holds no scheduler events.', source: 'cpu1' },
    ]);
  });
});

describe('events of one microsecond in different files', () => {
  const line = (cpu: number, pid: number, us: number, event: string) =>
    `            task${pid}-${String(pid).padEnd(7)} [00${cpu}] d..2.     1.00000${us}: ${event}\n`;
  const change = (cpu: number, us: number, from: number, to: number) =>
    line(
      cpu,
      from,
      us,
      `sched_switch: prev_comm=task${from} prev_pid=${from} prev_prio=120 prev_state=S ==> next_comm=task${to} next_pid=${to} next_prio=120`,
    );
  const wake = (cpu: number, us: number, event: string, pid: number) =>
    line(cpu, 9, us, `${event}: comm=task${pid} pid=${pid} prio=120 target_cpu=001`);
  const course = (store: EventStore) =>
    Array.from({ length: store.length }, (_, row) => rowText(store, row).split(' | ').slice(1, 5).join(' '));

  it('stand in the order of what happens to a thread, whatever the order of the files', async () => {
    // Task 7 leaves CPU 0, is woken there, put into the queue by CPU 1, and taken up by CPU 2.
    const cpus = [
      textSource('cpu0', change(0, 5, 7, 9) + wake(0, 5, 'sched_waking', 7)),
      textSource('cpu1', wake(1, 5, 'sched_wakeup', 7)),
      textSource('cpu2', change(2, 5, 0, 7)),
    ] as const;
    for (const order of [
      [0, 1, 2],
      [2, 1, 0],
      [1, 2, 0],
    ] as const) {
      const store = await importTrace(order.map((cpu) => cpus[cpu]));
      expect(course(store)).toEqual([
        'cpu0 sched_switch task7:7 task9:9',
        'cpu0 sched_waking task9:9 task7:7',
        'cpu1 sched_wakeup task9:9 task7:7',
        'cpu2 sched_switch swapper:0 task7:7',
      ]);
    }
  });

  it('keep the order of their file, also where that contradicts', async () => {
    // Each file has the effect before the cause that stands in the other.
    const store = await importTrace([
      textSource('cpu0', change(0, 5, 0, 7) + wake(0, 5, 'sched_waking', 8)),
      textSource('cpu1', change(1, 5, 0, 8) + wake(1, 5, 'sched_waking', 7)),
    ]);
    const rows = course(store);
    const own = (cpu: string) => rows.filter((row) => row.startsWith(cpu)).map((row) => row.split(' ')[1]);
    expect(own('cpu0')).toEqual(['sched_switch', 'sched_waking']);
    expect(own('cpu1')).toEqual(['sched_switch', 'sched_waking']);
  });

  it('are thousands at a time with a coarse clock, and are left in order', async () => {
    const many = (cpu: number) =>
      Array.from({ length: 3000 }, (_, at) => change(cpu, 5, at % 2, (at + 1) % 2)).join('');
    const store = await importTrace([textSource('a', many(0)), textSource('b', many(1))]);
    expect(store.length).toBe(6000);
  });
});

describe('a thread that renames itself', () => {
  it('is called by the name that was the last in time, not the one read last', async () => {
    const named = (cpu: number, us: number, from: string, to: string) =>
      `             other-1       [00${cpu}] d..2.     1.00000${us}: sched_switch: prev_comm=${from} prev_pid=${from === 'other' ? 1 : 7} prev_prio=120 prev_state=S ==> next_comm=${to} next_pid=${to === 'other' ? 1 : 7} next_prio=120\n`;
    const files = [
      textSource('cpu0', named(0, 1, 'other', 'first') + named(0, 9, 'other', 'third')),
      textSource('cpu1', named(1, 5, 'other', 'second')),
    ];
    for (const order of [files, [...files].reverse()]) {
      const { tasks } = await importTrace(order);
      const thread = tasks.threadOf(7);
      expect(tasks.threadComm(thread)).toBe('third');
      expect(tasks.threadComms(thread)).toEqual(['first', 'second', 'third']);
    }
  });
});

describe('files one after the other', () => {
  /** Parts of a text, cut at line ends, each with the header. */
  function parts(text: string, count: number): string[] {
    const lines = text.split('\n').slice(0, -1);
    const header = lines.filter((line) => line.startsWith('#'));
    const body = lines.filter((line) => !line.startsWith('#'));
    const size = Math.ceil(body.length / count);
    return Array.from({ length: count }, (_, at) =>
      [...header, ...body.slice(at * size, (at + 1) * size), ''].join('\n'),
    );
  }

  it.each([2, 3, 7])('give the rows and losses of the whole, cut into %i', async (count) => {
    const text = fixtureText(LOSSES);
    const whole = await importTrace(textSource('whole', text));
    const files = parts(text, count).map((own, at) => textSource(`part${at}`, own));
    for (const order of [files, [...files].reverse()]) {
      const store = await importTrace(order);
      // Who runs at the beginning of a part is named by the lines' headers, with names of later.
      const plain = (each: EventStore) =>
        rowsByCpu(each).map((row) =>
          row
            .split(' | ')
            .filter((_, at) => at !== 3)
            .join(' | '),
        );
      // Events of the same microsecond on both sides of a cut come in the order of the files.
      const inOrder = order === files ? (rows: string[]) => rows : (rows: string[]) => rows.sort();
      expect(inOrder(plain(store))).toEqual(inOrder(plain(whole)));
      expect(lossTexts(store)).toEqual(lossTexts(whole));
    }
  });

  it('of perf keep what perf knows of the threads, from all files', async () => {
    const text = fixtureText('perf/6.1/threads.task-events.txt.gz');
    const whole = await importTrace(textSource('whole', text));
    const files = parts(text, 2).map((own, at) => textSource(`perf.data.${at}`, own));
    const store = await importTrace(files);
    const records = (each: EventStore) =>
      PerfTaskRecords.of(each)!
        .records.filter(({ kind }) => kind === 'fork' || kind === 'exit')
        .map(({ kind, seconds, nanoseconds }) => `${kind} ${seconds}.${nanoseconds}`)
        .sort();
    expect(records(store).length).toBeGreaterThan(3);
    expect(records(store)).toEqual(records(whole));
    const report = (each: EventStore) => {
      const { rows } = schedLatency(each, { compat: 'perf-6.1', mergeByComm: false });
      return rows.map(({ comm, pid, runtimeNs, switches }) => `${comm} ${pid} ${runtimeNs} ${switches}`);
    };
    expect(report(store)).toEqual(report(whole));
  });
});

describe('what is wrong', () => {
  const good = SWITCH_TEXT(0, 1000, 0, 7) + SWITCH_TEXT(0, 2000, 7, 0);

  it('with one file is a remark that names it, and the others are shown', async () => {
    const store = await importTrace([
      textSource('prose.txt', 'Dear diary,\n'),
      textSource('good.ftrace', good),
      textSource('empty', ''),
    ]);
    expect(store.length).toBe(2);
    expect(store.diagnostics).toEqual([
      {
        severity: 'error',
        message: expect.stringContaining('prose.txt is not in a format') as string,
        source: 'prose.txt',
      },
      { severity: 'error', message: expect.stringContaining('empty is empty') as string, source: 'empty' },
    ]);
  });

  it('with a line is a remark with its own file and line', async () => {
    const store = await importTrace([
      textSource('a', good),
      textSource('b', `${SWITCH_TEXT(1, 1500, 0, 9)}            task9-9 [001] d..2. nonsense\n`),
    ]);
    expect(store.diagnostics).toMatchObject([{ source: 'b', line: 2 }]);
  });

  it('with all of them is the failure of the first', async () => {
    await expect(
      importTrace([textSource('prose.txt', 'Dear diary,\n'), textSource('empty', '')]),
    ).rejects.toMatchObject({
      code: 'unknown-format',
      message: expect.stringContaining('prose.txt') as string,
    });
  });

  it('is told when formats or clocks differ', async () => {
    const store = await importTrace([
      textSource('a.ftrace', good),
      textSource('b.csv', 'task_code,time,name,pid\nA0,0.001500,a,1\n'),
    ]);
    expect(store.length).toBe(3);
    expect(store.metadata.format).toBe('tracefs-text + kernel-oracle-csv');
    expect(store.metadata.capabilities).toMatchObject({ wakeups: false, priorities: false });
    expect(store.diagnostics).toContainEqual({
      severity: 'warning',
      message: expect.stringMatching(/differ in their format \(tracefs-text, kernel-oracle-csv\)/) as string,
    });
  });

  it('is told once when all files repeat it', async () => {
    const full = `# tracer: nop\n# entries-in-buffer/entries-written: 2/12   #P:2\n${good}`;
    const store = await importTrace([textSource('d/cpu0/trace', full), textSource('d/cpu1/trace', full)]);
    expect(store.metadata.overwrittenEvents).toBe(10);
    expect(store.diagnostics).toEqual([
      { severity: 'warning', message: expect.stringMatching(/\(cpu0, cpu1 \(2 files\)\)$/) as string },
    ]);
  });

  it('is a cancellation: it ends everything', async () => {
    const abort = new AbortController();
    const reading = importTrace([textSource('a', good), textSource('b', good)], {
      signal: abort.signal,
      onProgress: () => abort.abort(),
    });
    await expect(reading).rejects.toMatchObject({ code: 'cancelled' });
  });
});

describe('paths', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kernel-oracle-several-'));
    for (const cpu of [0, 1, 10, 2]) {
      await mkdir(join(folder, 'per_cpu', `cpu${cpu}`), { recursive: true });
      await writeFile(join(folder, 'per_cpu', `cpu${cpu}`, 'trace'), SWITCH_TEXT(cpu % 10, 1000, 0, 7));
    }
    await writeFile(join(folder, 'a.ftrace'), SWITCH_TEXT(0, 1000, 0, 7));
    await symlink('a.ftrace', join(folder, 'link.ftrace'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('of the same file, however spelt, are refused', async () => {
    const paths = [join(folder, 'a.ftrace'), join(folder, 'link.ftrace')];
    await expect(importTrace(await openInput(paths))).rejects.toMatchObject({
      code: 'wrong-usage',
      message: expect.stringMatching(/link\.ftrace is given twice \(also as .*a\.ftrace\)/) as string,
    });
  });

  it('may be a copy of per_cpu', async () => {
    const store = await importTrace(await openInput([join(folder, 'per_cpu')]));
    expect(store.length).toBe(4);
    expect(shortNames(store.sources)).toEqual(['cpu0', 'cpu1', 'cpu2', 'cpu10']);
  });

  it('of a folder that is no recording say so, alone and among others', async () => {
    await expect(importTrace(await openInput([folder]))).rejects.toMatchObject({ code: 'unknown-format' });
    await expect(openInput([folder, join(folder, 'a.ftrace')])).rejects.toMatchObject({
      code: 'wrong-usage',
    });
    await expect(openInput([join(folder, 'none')])).rejects.toMatchObject({ code: 'file-not-found' });
  });
});

describe('short names', () => {
  it('are what tells the paths from each other', () => {
    expect(shortNames(['/t/per_cpu/cpu0/trace', '/t/per_cpu/cpu1/trace'])).toEqual(['cpu0', 'cpu1']);
    expect(shortNames(['/t/a.txt', '/t/b.txt'])).toEqual(['a.txt', 'b.txt']);
    expect(shortNames(['/t/a/x/f', '/t/b/f'])).toEqual(['a/x', 'b']);
    expect(shortNames(['f', '/t/f'])).toEqual(['f', '/t/f']);
    expect(shortNames(['/t/only'])).toEqual(['only']);
    expect(listOf(['a', 'b'])).toBe('a, b (2 files)');
    expect(listOf(['a', 'b', 'c', 'd', 'e'])).toBe('a, b, c, … (5 files)');
  });
});
