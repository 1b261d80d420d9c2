import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SAMPLES, buildCli, makeDirectory, run, type Outcome } from './cliProcess.js';

const MIXED = `${SAMPLES}mixed-io-and-cpu.ftrace.gz`;
const LOSSES = `${SAMPLES}lost-events.ftrace`;
const PERF = `${SAMPLES}perf-sched.perf-script.txt.zst`;
const MAP = `${SAMPLES}perf-sched-map.txt`;

/** Facts of the sample, by plain means: what scripts would count with grep. */
interface Facts {
  readonly lines: readonly string[];
  readonly count: (name: string) => number;
  readonly stamps: readonly string[];
  /** Who was switched out where and when, in order of time. */
  readonly switches: readonly { readonly cpu: number; readonly time: string; readonly task: string }[];
}

async function factsOf(path: string): Promise<Facts> {
  const text = gunzipSync(await readFile(path)).toString();
  const lines = text.split('\n').filter((line) => /^[^#]/.test(line));
  return {
    lines,
    count: (name) => lines.filter((line) => line.includes(`: ${name}: `)).length,
    stamps: lines.map((line) => / (\d+\.\d{6}): /.exec(line)![1]!).sort(),
    switches: lines.flatMap((line) => {
      const match = /\[(\d+)\].* ([\d.]+): sched_switch: prev_comm=(.*) prev_pid=(\d+) /.exec(line);
      if (match === null) return [];
      const task = match[4] === '0' ? '<idle>' : `${match[3]!}[${match[4]!}]`;
      return [{ cpu: Number(match[1]), time: match[2]!, task }];
    }),
  };
}

let directory: string;
let program: string;
let facts: Facts;
beforeAll(async () => {
  facts = await factsOf(MIXED);
  directory = await makeDirectory();
  program = await buildCli(directory);
});
afterAll(() => rm(directory, { recursive: true }));

const cli = (...args: string[]): Promise<Outcome> => run(process.execPath, [program, ...args]);

/** Runs a command that must succeed in silence. */
async function output(...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await cli(...args);
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return stdout;
}

async function json(...args: string[]): Promise<Record<string, unknown>> {
  return JSON.parse(await output(...args, '--json')) as Record<string, unknown>;
}

describe('info', () => {
  it('tells what a recording holds', async () => {
    const text = await output('info', MIXED);
    expect(text).toMatch(/^format {9}tracefs-text$/m);
    expect(text).toMatch(/^CPUs {11}2 of 2$/m);
    expect(text).toContain(`\nfirst event    ${facts.stamps[0]!}000 s\n`);
    expect(text).toContain(`\nlast event     ${facts.stamps.at(-1)!}000 s\n`);
    expect(text).toContain(`\nsched_switch         ${facts.count('sched_switch')}\n`);
  });

  it('has the keys that scripts rely on', async () => {
    const ns = (stamp: string | undefined) => `${stamp!.replace('.', '')}000`;
    const { count, stamps } = facts;
    expect(await json('info', MIXED)).toMatchObject({
      format: 'tracefs-text',
      cpus: 2,
      startNs: ns(stamps[0]),
      endNs: ns(stamps.at(-1)),
      events: { sched_switch: count('sched_switch'), sched_waking: count('sched_waking') },
      tasks: expect.any(Number) as unknown,
      lostEvents: 0,
    });
  });

  it('counts lost events and says where', async () => {
    const text = await readFile(LOSSES, 'utf8');
    const counts = [...text.matchAll(/^CPU:(\d+) \[LOST (\d+) EVENTS\]/gm)].map((match) => Number(match[2]));
    const document = await json('info', LOSSES);
    expect(document['lostEvents']).toBe(counts.reduce((sum, count) => sum + count, 0));
    expect((document['losses'] as { count: number }[]).map(({ count }) => count)).toEqual(counts);
  });

  it('reads nanoseconds of perf script', async () => {
    expect(await json('info', PERF)).toMatchObject({
      format: 'perf-script',
      startNs: expect.stringMatching(/^\d{10,}$/) as unknown,
    });
  });
});

describe('timehist', () => {
  it('prints a row a switch in the columns of perf', async () => {
    const lines = (await output('timehist', MIXED)).split('\n');
    expect(lines[0]).toMatch(/^ +time +cpu +task name +wait time +sch delay +run time$/);
    const rows = lines
      .slice(3, -1)
      .map((line) => /^ +([\d.]+) \[(\d+)\] +(\S.*?) +[\d.]+ +[\d.]+ +[\d.]+ $/.exec(line));
    const shown = rows.map((row) => ({ cpu: Number(row?.[2]), time: row?.[1], task: row?.[3] }));
    // perf adds the process to threads of others: `name[tid/pid]`.
    expect(shown.map((row) => ({ ...row, task: row.task?.replace(/\/\d+\]$/, ']') }))).toEqual(
      facts.switches,
    );
  });

  it('prints the same rows as one JSON document', async () => {
    const { compat, rows } = await json('timehist', MIXED, '--compat', 'perf-newer');
    expect(compat).toBe('perf-newer');
    const switches = rows as Record<string, unknown>[];
    expect(switches.map(({ cpu }) => cpu)).toEqual(facts.switches.map(({ cpu }) => cpu));
    expect(switches[0]).toMatchObject({
      kind: 'switch',
      timeNs: `${facts.switches[0]!.time.replace('.', '')}000`,
      delayNs: expect.any(Number) as unknown,
    });
  });

  it('shows wakeups, migrations, next tasks and states when asked', async () => {
    const text = await output('timehist', '-V', '-w', '-M', '-n', '--state', MIXED);
    for (const part of ['awakened: rcu_preempt[15]', ' => ', 'next: rcu_preempt[15]', '  state']) {
      expect(text).toContain(part);
    }
  });

  it('does not show as 0 what a recording does not hold, and says why', async () => {
    const { status, stdout, stderr } = await cli('timehist', '--json', MAP);
    expect(stderr).toMatch(/^note: [^\n]*no wakeup events[^\n]*\n$/);
    expect(status).toBe(0);
    const { rows } = JSON.parse(stdout) as {
      rows: { task: string; delayNs: number | null; state: string | null }[];
    };
    const tasks = rows.filter(({ task }) => task !== '<idle>');
    expect(tasks.length).toBeGreaterThan(1000);
    expect(tasks.every(({ delayNs, state }) => delayNs === null && state === null)).toBe(true);
    const text = await cli('timehist', MAP);
    expect(text.stdout).toMatch(/^ .*\[0001\] .* - +\d+\.\d{3} $/m);
  });
});

describe('latency', () => {
  it('prints the table of perf', async () => {
    const text = await output('latency', MIXED);
    expect(text).toMatch(/^ {2}Task {18}\| {3}Runtime ms {2}\| Switches/m);
    expect(text).toMatch(
      /^ {2}gzip:\d+ +\| +[\d.]+ ms \| +\d+ \| avg: +\d+\.\d{3} ms \| max: +\d+\.\d{3} ms \| max start: +[\d.]+ s/m,
    );
  });

  it('prints the same as JSON, by pid or by name', async () => {
    const { tasks, totalRuntimeNs } = (await json('latency', MIXED)) as {
      tasks: { comm: string; pid: number; runtimeNs: number }[];
      totalRuntimeNs: number;
    };
    const gzip = tasks.find(({ comm }) => comm === 'gzip')!;
    const runtime = new RegExp(` pid=${gzip.pid} runtime=(\\d+) `);
    const runtimes = facts.lines.map((line) => Number(runtime.exec(line)?.[1] ?? 0));
    expect(gzip.runtimeNs).toBe(runtimes.reduce((sum, each) => sum + each, 0));
    expect(totalRuntimeNs).toBe(tasks.reduce((sum, { runtimeNs }) => sum + runtimeNs, 0));
    const merged = (await json('latency', MIXED, '--merge-by-comm')) as
      typeof tasks | { tasks: typeof tasks };
    const names = (merged as { tasks: typeof tasks }).tasks.map(({ comm }) => comm);
    expect(new Set(names).size).toBe(names.length);
  });

  it('does not show as 0 what a recording does not hold', async () => {
    const { status, stdout, stderr } = await cli('latency', '--json', LOSSES);
    expect(stderr).toMatch(/^note: [^\n]*no sched_stat_runtime[^\n]*\n$/);
    expect(status).toBe(0);
    const { tasks, totalRuntimeNs } = JSON.parse(stdout) as {
      tasks: { runtimeNs: number | null }[];
      totalRuntimeNs: number | null;
    };
    expect(totalRuntimeNs).toBeNull();
    expect(tasks.every(({ runtimeNs }) => runtimeNs === null)).toBe(true);
    const map = await cli('latency', MAP);
    expect(map.stderr).toMatch(/^note: [^\n]*no wakeup events[^\n]*no sched_stat_runtime[^\n]*\n$/);
    expect(map.stdout).not.toMatch(/avg: +0\.000/);
  });
});

describe('stats', () => {
  it('prints tasks and CPUs', async () => {
    const text = await output('stats', MIXED);
    expect(text).toMatch(/^gzip +\d+ +\d+\.\d{3} /m);
    expect(text).toMatch(/^ *cpu +busy +idle/m);
  });

  it('prints the same as JSON, filtered', async () => {
    const { tasks, cpus } = (await json('stats', MIXED, '--filter', 'gzip')) as {
      tasks: { comm: string }[];
      cpus: { cpu: number }[];
    };
    expect(tasks.map(({ comm }) => comm)).toContain('gzip');
    expect(tasks.every(({ comm }) => comm.includes('gzip'))).toBe(true);
    expect(cpus.map(({ cpu }) => cpu)).toEqual([0, 1]);
  });

  it('shows unknown latencies as unknown', async () => {
    const { stdout } = await cli('stats', '--json', MAP);
    const { latencyFrom, tasks } = JSON.parse(stdout) as {
      latencyFrom: string | null;
      tasks: { wakeupLatencyMeanNs: number | null; preemptionWaitMeanNs: number | null }[];
    };
    expect(latencyFrom).toBeNull();
    expect(tasks.length).toBeGreaterThan(10);
    expect(
      tasks.every((task) => task.wakeupLatencyMeanNs === null && task.preemptionWaitMeanNs === null),
    ).toBe(true);
  });
});

describe('export', () => {
  it.each(['csv', 'kernel-oracle-csv', 'ftrace', 'parquet'])(
    'writes %s and says how much',
    async (format) => {
      const out = join(directory, `out.${format}`);
      const { status, stdout, stderr } = await cli('export', MIXED, '--to', format, '-o', out);
      const { length } = await readFile(out);
      expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
      const all = facts.lines.length;
      const events = format === 'kernel-oracle-csv' ? `${facts.switches.length} of ${all}` : String(all);
      const [written, note, ...rest] = stderr.split('\n');
      expect(written).toBe(`${out}: ${events} events, ${length} bytes`);
      // What a format cannot hold is told.
      expect(note).toMatch(format.endsWith('csv') ? /^note: \S+ does not hold .*lost events\.$/ : /^$/);
      expect(rest.join('')).toBe('');
    },
  );

  it('writes ftrace text with the same statistics as the recording', async () => {
    const out = join(directory, 'again.ftrace');
    await cli('export', MIXED, '--to', 'ftrace', '-o', out);
    expect(await output('stats', out, '--json')).toBe(await output('stats', MIXED, '--json'));
    expect(await output('latency', out)).toBe(await output('latency', MIXED));
  });
});

describe('a file of nothing but odd names', () => {
  it('cannot command the terminal', async () => {
    const path = join(directory, 'odd.ftrace');
    const line = (n: number) =>
      `  \u001b[31mred-7     [000] d..2.  1.00000${n}: sched_switch: prev_comm=\u001b[31mred prev_pid=7 prev_prio=120 prev_state=S ==> next_comm=\u001b]0;x\u0007 next_pid=8 next_prio=120\n`;
    await writeFile(path, `# tracer: nop\n${line(1)}${line(2)}`);
    for (const command of ['timehist', 'latency', 'stats', 'info']) {
      const { stdout, stderr } = await cli(command, path);
      // eslint-disable-next-line no-control-regex
      expect(stdout + stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
    }
  });
});
