import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { beforeAll, describe, expect, it } from 'vitest';
import { bytesSource, fileSource } from '../../../../src/base/byteSource.js';
import { ExportedPart, type ExportChoice } from '../../../../src/trace/exporters/exportedPart.js';
import { exportTrace } from '../../../../src/trace/exporters/exportTrace.js';
import { parquetPieces } from '../../../../src/trace/exporters/parquet.js';
import { importTrace } from '../../../../src/trace/importTrace.js';
import { EventType } from '../../../../src/trace/model/eventType.js';
import { EventStore } from '../../../../src/trace/model/eventStore.js';
import { addRuntime, addSwitch } from '../../../support/storeBuilder.js';
import { fixtureBytes } from '../../../support/importerFixtures.js';

const SAMPLES = fileURLToPath(new URL('../../../../samples/', import.meta.url));

const SWITCH: number = EventType.Switch;

let losses: EventStore;
let perf: EventStore;
beforeAll(async () => {
  losses = await importTrace(await fileSource(`${SAMPLES}lost-events.ftrace`));
  perf = await importTrace(await fileSource(`${SAMPLES}perf-sched.perf-script.txt.zst`));
});

async function textOf(store: EventStore, format: string, choice?: ExportChoice): Promise<string> {
  let text = '';
  for await (const piece of exportTrace(store, format, choice)) text += piece as string;
  return text;
}

function reread(text: string, format = 'tracefs-text'): Promise<EventStore> {
  return importTrace(bytesSource('again', new TextEncoder().encode(text)), { format });
}

function body(text: string): string[] {
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

function share(store: EventStore, from: number, until: number): { startNs: number; endNs: number } {
  const span = store.endNs - store.startNs;
  return {
    startNs: Math.round(store.startNs + from * span),
    endNs: Math.round(store.startNs + until * span),
  };
}

/** What print_trace_line and the TP_printk of include/trace/events/sched.h make. */
const KERNEL_LINE = new RegExp(
  /^ *(?<comm>.{1,16}|.{0,40}[^ -~].{0,40})-(?<pid>\d+) +(?:\( *(?:\d+|-+)\) )?\[\d{3,}\] (?:[dDbBX.][Nnp.lLB][HhZzs.][0-9a-f.]{1,2} )? *\d+\.(?:\d{6}|\d{9}): /
    .source +
    String.raw`(?:sched_switch: prev_comm=.* prev_pid=\d+ prev_prio=-?\d+ prev_state=(?:R\+?|[A-Z](?:\|[A-Za-z])*\+?|[tx])? ==> next_comm=.* next_pid=\d+ next_prio=-?\d+` +
    String.raw`|sched_(?:waking|wakeup|wakeup_new): comm=.* pid=\d+ prio=-?\d+ target_cpu=(?:\d{3,}|-01)` +
    String.raw`|sched_migrate_task: comm=.* pid=\d+ prio=-?\d+ orig_cpu=\d+ dest_cpu=\d+` +
    String.raw`|sched_stat_runtime: comm=.* pid=\d+ runtime=\d+ \[ns\](?: vruntime=\d+ \[ns\])?` +
    String.raw`|sched_process_fork: comm=.* pid=\d+ child_comm=.* child_pid=\d+` +
    String.raw`|sched_process_exit: comm=.* pid=\d+ prio=-?\d+` +
    String.raw`|sched_process_exec: filename=.* pid=\d+ old_pid=\d+)$`,
  'u',
);
const LOSS_LINE = /^CPU:\d+ \[LOST (?:\d+ )?EVENTS\]$/;

describe('ftrace text', () => {
  it.each([
    [0.1, 0.35],
    [0.4, 0.9],
    [0, 0.5],
    [0.95, 2],
  ])('of the part from %f to %f is that part of the whole text', async (from, until) => {
    for (const store of [losses, perf]) {
      const range = share(store, from, until);
      const whole = body(await textOf(store, 'ftrace')).filter((line) => !line.startsWith('CPU:'));
      const first = store.firstRowAtOrAfter(range.startNs);
      const end = store.firstRowAtOrAfter(range.endNs);
      const part = body(await textOf(store, 'ftrace', { range }));
      expect(part.filter((line) => !line.startsWith('CPU:'))).toEqual(whole.slice(first, end));
      const again = await reread(`${part.join('\n')}\n`);
      expect(again.length).toBe(end - first);
      expect(again.absoluteNs(0)).toBe(store.absoluteNs(first));
    }
  });

  it('begins with the kernel’s header and says which part it is', async () => {
    const text = await textOf(losses, 'ftrace', { range: share(losses, 0.25, 0.5) });
    const lines = text.split('\n');
    expect(lines[0]).toBe('# tracer: nop');
    expect(lines[2]).toMatch(
      /^# part of a recording, trimmed by KernelOracle: from \d+\.\d{9} s to \d+\.\d{9} s$/,
    );
    // What the ring buffer had overwritten lies before the recording, not before the part.
    expect(text).not.toContain('entries-written');
    const again = await reread(text);
    expect(again.metadata.cpuCount).toBe(losses.metadata.cpuCount);
    expect(again.metadata.overwrittenEvents).toBeUndefined();
    expect(again.diagnostics).toEqual([]);
  });

  it('tells the number of CPUs where the recording does', async () => {
    const nop = await importTrace(bytesSource('nop', fixtureBytes('tracefs/6.18/nop.txt')));
    const text = await textOf(nop, 'ftrace', { range: share(nop, 0.25, 0.5) });
    expect(text).toMatch(/^# #P:2$/m);
    expect((await reread(text)).metadata.cpuCount).toBe(2);
  });

  it('keeps the losses that hit the part, with their number where it is known of the part', async () => {
    const all = losses.losses;
    expect(all.length).toBeGreaterThan(1);
    for (const loss of all) {
      const [after, before] = [loss.afterNs!, loss.beforeNs!];
      const lossesOf = async (startNs: number, endNs: number) => {
        const again = await reread(await textOf(losses, 'ftrace', { range: { startNs, endNs } }));
        return again.losses.filter(({ cpu }) => cpu === loss.cpu).map(({ count }) => count);
      };
      // The neighbours of the loss and what lies between; then from within it, up to within it.
      expect(await lossesOf(after, before + 1)).toContain(loss.count);
      const middle = Math.floor((after + before) / 2);
      const end = losses.endNs + 1;
      expect(await lossesOf(before + 1, end)).toHaveLength(
        all.filter(({ cpu, beforeNs }) => cpu === loss.cpu && beforeNs! > before).length,
      );
      if (middle > after) {
        const fromWithin = await lossesOf(middle, end);
        expect(fromWithin[0]).toBeUndefined();
        const untilWithin = await lossesOf(losses.startNs, middle);
        expect(untilWithin.at(-1)).toBeUndefined();
      }
    }
  });

  it('names who ran before the part where the recording tells it, and adds no event', async () => {
    const store = new EventStore();
    addSwitch(store, 1_000, 0, 0, 7);
    addSwitch(store, 2_000, 1, 0, 8);
    const runtime = addRuntime(store, 5_000, 0, 7, 4_000);
    store.actor[runtime] = 0xffff_ffff;
    addSwitch(store, 6_000, 0, 7, 0);
    const lines = body(await textOf(store, 'ftrace', { range: { startNs: 2_000, endNs: 5_000 } }));
    expect(lines.length).toBe(1);
    expect(lines[0]).toMatch(/^ +task7-7 .*sched_stat_runtime: comm=task7 pid=7 runtime=4000 \[ns\]$/);
  });

  it('of one CPU is what tracefs has for that CPU', async () => {
    const whole = body(readFileSync(`${SAMPLES}lost-events.ftrace`, 'utf8'));
    const payload = (line: string) => line.replace(/^.{16}-/, '');
    const own = whole.filter((line) => line.includes(' [001] ') || line.startsWith('CPU:1 '));
    const part = body(await textOf(losses, 'ftrace', { cpu: 1 }));
    expect(part.map(payload)).toEqual(own.map(payload));
  });

  it.each(['nop', 'tgid', 'overwritten', 'trace_pipe_lost', 'no_irq_info'])(
    'of %s is spelt as the kernel prints it',
    async (name) => {
      const store = await importTrace(bytesSource(name, fixtureBytes(`tracefs/6.18/${name}.txt`)));
      for (const line of body(await textOf(store, 'ftrace'))) {
        if (!KERNEL_LINE.test(line) && !LOSS_LINE.test(line)) expect(line).toMatch(KERNEL_LINE);
      }
    },
  );

  it('is spelt so for other tools’ recordings, too', async () => {
    const map = await importTrace(await fileSource(`${SAMPLES}perf-sched-map.txt`));
    for (const store of [perf, map]) {
      for (const line of body(await textOf(store, 'ftrace'))) {
        if (!KERNEL_LINE.test(line)) expect(line).toMatch(KERNEL_LINE);
      }
    }
  });
});

describe('tables', () => {
  it('of a part hold its rows, as the whole has them', async () => {
    const range = share(losses, 0.3, 0.6);
    const first = losses.firstRowAtOrAfter(range.startNs);
    const end = losses.firstRowAtOrAfter(range.endNs);
    const whole = (await textOf(losses, 'csv')).split('\n');
    const part = (await textOf(losses, 'csv', { range })).split('\n');
    expect(part).toEqual([whole[0], ...whole.slice(1 + first, 1 + end), '']);

    const bytes = new Blob([...parquetPieces(new ExportedPart(losses, { range }), 300)]);
    const file = await bytes.arrayBuffer();
    const rows = await parquetReadObjects({ file });
    expect(rows.length).toBe(end - first);
    expect(rows.map(({ time_ns }) => String(time_ns as bigint))).toEqual(
      part.slice(1, -1).map((line) => line.split(',')[0]),
    );
    const facts = new Map(
      parquetMetadata(file).key_value_metadata?.map(({ key, value }) => [key, value ?? '']),
    );
    expect(facts.get('kernel_oracle.part')).toMatch(/^from \d+\.\d{9} s to \d+\.\d{9} s$/);
  });

  it('of one CPU hold its rows only', async () => {
    const file = await new Blob([...parquetPieces(new ExportedPart(losses, { cpu: 1 }), 100)]).arrayBuffer();
    const rows = await parquetReadObjects({ file });
    expect(new Set(rows.map(({ cpu }) => cpu as number))).toEqual(new Set([1]));
    const csv = (await textOf(losses, 'csv', { cpu: 1 })).split('\n').slice(1, -1);
    expect(csv.length).toBe(rows.length);
  });

  it('of KernelOracle begin with a time_diff of 0', async () => {
    const range = share(losses, 0.3, 0.6);
    const [, first, second] = (await textOf(losses, 'kernel-oracle-csv', { range })).split('\n');
    expect(first!.split(',')[1]).toBe('0.000000');
    const [a, b] = [first!, second!].map((line) => Math.round(Number(line.split(',')[0]) * 1e6));
    expect(Number(second!.split(',')[1])).toBeCloseTo((b! - a!) / 1e6, 9);
  });

  it('of a recording in several files tell the file of each line', async () => {
    const line = (cpu: number, us: number) =>
      new TextEncoder().encode(
        `              a-1       [00${cpu}] d..2.     1.00000${us}: sched_switch: prev_comm=a prev_pid=1 prev_prio=120 prev_state=S ==> next_comm=b next_pid=2 next_prio=120\n`,
      );
    const store = await importTrace([bytesSource('x, 0', line(0, 1)), bytesSource('x, 1', line(1, 2))]);
    const lines = (await textOf(store, 'csv')).split('\n');
    expect(lines[0]).toMatch(/,line,source$/);
    expect(lines.slice(1, 3).map((each) => each.slice(each.indexOf('d..2.')))).toEqual([
      'd..2.,1,"x, 0"',
      'd..2.,1,"x, 1"',
    ]);
    const file = await new Blob([...parquetPieces(new ExportedPart(store))]).arrayBuffer();
    expect(await parquetReadObjects({ file })).toMatchObject([
      { line: 1, source: 'x, 0' },
      { line: 1, source: 'x, 1' },
    ]);
  });
});

describe('a choice without events', () => {
  it.each(['csv', 'kernel-oracle-csv', 'ftrace', 'parquet'])('is refused (%s)', async (format) => {
    const beyond = { startNs: losses.endNs + 1, endNs: losses.endNs + 1000 };
    await expect(textOf(losses, format, { range: beyond })).rejects.toMatchObject({
      code: 'wrong-usage',
      message: expect.stringMatching(
        /^There are no events from .* s to .* s; the recording has events/,
      ) as string,
    });
    await expect(textOf(losses, format, { range: { startNs: 5, endNs: 5 } })).rejects.toMatchObject({
      code: 'wrong-usage',
    });
    await expect(textOf(losses, format, { cpu: 77 })).rejects.toMatchObject({ code: 'wrong-usage' });
  });
});

describe('KernelOracle CSV', () => {
  it('reads back and is written again to the byte, with nine columns', async () => {
    const text = new TextDecoder().decode(fixtureBytes('kernel-oracle-csv/switches.csv'));
    const store = await reread(text, 'kernel-oracle-csv');
    const again = await textOf(store, 'kernel-oracle-csv');
    const once = await textOf(await reread(again, 'kernel-oracle-csv'), 'kernel-oracle-csv');
    expect(once).toBe(again);
    // The idle task is one, and every CPU's: who left is not told where the name was of another CPU's.
    const columns = (line: string) => line.split(',').filter((_, at) => at !== 6 && at !== 2);
    expect(again.split('\n').map(columns)).toEqual(text.split('\n').map(columns));
  });

  it('reads back and is written again but for the codes, with four columns', async () => {
    const text = new TextDecoder().decode(fixtureBytes('kernel-oracle-csv/task-code.csv'));
    const store = await reread(text, 'kernel-oracle-csv');
    const again = await textOf(store, 'task-code-csv');
    const facts = (each: string) => each.split(/\r?\n/).map((line) => line.replace(/^[^,]*/, ''));
    expect(facts(again)).toEqual(facts(text));
    // A code means one task, and a task has one code.
    const pairs = new Set(
      again
        .split('\n')
        .slice(1, -1)
        .map((line) => `${line.split(',')[0]!} ${line.split(',').at(-1)!}`),
    );
    expect(new Set([...pairs].map((pair) => pair.split(' ')[0])).size).toBe(pairs.size);
    expect(new Set([...pairs].map((pair) => pair.split(' ')[1])).size).toBe(pairs.size);
    expect(again).toMatch(/^\.,\d+\.\d{6},swapper,0$/m);
  });

  it('of one CPU of several is the switches of that CPU', async () => {
    await expect(textOf(losses, 'task-code-csv')).rejects.toMatchObject({
      code: 'wrong-usage',
      message: expect.stringContaining('several CPUs (') as string,
    });
    const again = await reread(await textOf(losses, 'task-code-csv', { cpu: 1 }), 'kernel-oracle-csv');
    const wanted: string[] = [];
    for (let row = 0; row < losses.length; row += 1) {
      if (losses.cpu[row] !== 1 || losses.type[row] !== SWITCH) continue;
      wanted.push(`${losses.absoluteNs(row)} ${losses.tasks.pids[losses.subject[row]!]!}`);
    }
    const got = Array.from(
      { length: again.length },
      (_, row) => `${again.absoluteNs(row)} ${again.tasks.pids[again.subject[row]!]!}`,
    );
    expect(got).toEqual(wanted);
  });

  it('keeps awkward names in one row, and goes on counting codes after 260 tasks', async () => {
    const store = new EventStore();
    const names = ['a, b', 'say "hi"', 'ü—ß', ' lead', 'two\nlines', '=1+1'];
    for (let at = 0; at < 600; at += 1) {
      const task = store.tasks.intern(100 + at, names[at] ?? `t${at}`);
      store.add(EventType.Switch, 1, at * 1001, 0, 0, task, 120, 120, store.states.intern('R'), 0, 0, at + 1);
    }
    for (const format of ['kernel-oracle-csv', 'task-code-csv']) {
      const text = await textOf(store, format);
      const again = await reread(text, 'kernel-oracle-csv');
      expect(again.length).toBe(600);
      expect(again.absoluteNs(599)).toBe(1_000_599_599n);
      for (let at = 0; at < 600; at += 1) {
        const comm = again.tasks.comms[again.subject[at]!];
        if (comm !== store.tasks.comms[store.subject[at]!]) expect(comm).toBe('two?lines');
      }
    }
    const codes = (await textOf(store, 'task-code-csv')).split('\n').map((line) => line.split(',')[0]);
    expect([codes[1], codes[26], codes[27], codes[260], codes[261], codes[600]]).toEqual([
      'A0',
      'Z0',
      'A1',
      'Z9',
      'A10',
      'B23',
    ]);
  });
});
