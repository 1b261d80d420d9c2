/** Measuring over a real sshd on a machine whose tracer is played by files: what is set, refused, and comes back. */
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { DeployedStatus } from '../../../src/protocol/deployment.js';
import type { Connection } from '../../../src/remote/connection.js';
import { measureDeployed } from '../../../src/remote/deploy/measure/measureDeployed.js';
import { USUAL_REQUEST } from '../../../src/remote/deploy/measure/measureRequest.js';
import { connectSsh2 } from '../../support/connectSsh2.js';
import { FAKE_CONTEXT, FakeMachine, MODEL, noFakeMachine, STATS } from '../../support/fakeControl.js';

const missing = noFakeMachine();
if (missing !== undefined) console.warn(`Measuring over SSH is not tested: ${missing}.`);

/** As tracefs of a kernel has them that nobody traces. */
const TRACER: Readonly<Record<string, string>> = {
  available_tracers: 'function_graph function nop\n',
  current_tracer: 'nop\n',
  tracing_on: '1\n',
  buffer_size_kb: '7 (expanded: 1408)\n',
  set_event: '',
  set_ftrace_filter: '#### all functions enabled ####\n',
  set_ftrace_notrace: '#### no functions disabled ####\n',
  set_graph_function: '#### all functions enabled ####\n',
  set_ftrace_pid: 'no pid\n',
  trace: '',
  'events/enable': '0\n',
  enabled_functions: 'can_migrate_task (1) R I   \ttramp: 0xffffffffc0a00000 (redirect+0x0/0x40)\n',
  'per_cpu/cpu0/stats': 'entries: 0\noverrun: 0\ncommit overrun: 0\n',
};
/** What it has when it was used once: the buffer has its usual size, and there are no filters. */
const AFTERWARDS = { ...TRACER, buffer_size_kb: '1408\n', set_ftrace_filter: '' };
/** The function is called ten times a second, which is seen while it is traced. */
const LOAD = `cd "$KERNEL_ORACLE_TRACING"; while :; do
  case $(cat tracing_on current_tracer) in "1
function_graph") echo " 0)   1.500 us    |  can_migrate_task();" >>trace ;; esac
  sleep 0.1; done`;
const STATUS: DeployedStatus = {
  ...{ machine: 'the machine', kernel: '', bootId: '', state: 'running', way: 'module' },
  ...{ model: MODEL, stats: STATS, trouble: [] },
};

describe.skipIf(missing !== undefined)('measuring a deployed model', { timeout: 60_000 }, () => {
  let machine: FakeMachine;
  let connection: Connection;
  let folder: string;
  const options = () => ({
    deployedFolder: join(machine.deployed, 'deployed'),
    status: () => Promise.resolve(STATUS),
  });
  const measure = (over: object = {}, signal = new AbortController().signal) => {
    const workload = { name: 'load', program: { kind: 'shell', text: LOAD }, timeoutMs: 60_000 } as const;
    const request = { ...USUAL_REQUEST, workload, repeats: 1, warmUps: 0, seconds: 1, folder, ...over };
    return measureDeployed(
      ...([
        connection,
        FAKE_CONTEXT,
        { ...request, probes: ['function_graph'] as const },
        { signal },
      ] as const),
      options(),
    );
  };
  const tracer = () =>
    Object.fromEntries(
      Object.keys(TRACER).map((name) => [name, readFileSync(machine.state(`tracing/${name}`), 'utf8')]),
    );
  /** The kernel empties its list of filters when it is opened to be written, and knows what stands in it then. */
  const settled = () => ({ ...tracer(), set_ftrace_filter: tracer()['set_ftrace_filter']!.trim() });

  beforeAll(async () => {
    machine = await FakeMachine.start();
    connection = await connectSsh2('the machine', {
      host: '127.0.0.1',
      port: machine.server.port,
      username: machine.server.user,
      privateKey: readFileSync(machine.server.clientKey),
    });
  });
  beforeEach(() => {
    machine.reset();
    for (const [name, text] of Object.entries(TRACER)) {
      mkdirSync(join(machine.state('tracing'), name, '..'), { recursive: true });
      writeFileSync(machine.state(`tracing/${name}`), text);
    }
    const there = join(machine.deployed, 'deployed');
    mkdirSync(there, { recursive: true });
    copyFileSync(join(machine.emitted('first'), 'control'), join(there, 'control'));
    machine.set('mode', 'shadow\n');
    machine.set('swaps', '0\n');
    folder = mkdtempSync(join(tmpdir(), 'ko-measure-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });
  afterAll(() => {
    connection.dispose();
    machine.dispose();
  });

  test('each mode is set and timed; mode and tracer come back', async () => {
    const measured = await measure();
    expect(measured.results.map(({ mode, medianNs, sees }) => [mode, medianNs, sees])).toEqual([
      ['off', 1500, 'whole'],
      ['shadow', 1500, 'whole'],
      ['active', 1500, 'whole'],
    ]);
    for (const { n } of measured.results) expect(n).toBeGreaterThan(3);
    expect(measured.deployed).toMatchObject({ way: 'module', attachment: 'ftrace', modelBytes: 436 });
    const modes = machine
      .read('calls')
      .split('\n')
      .filter((line) => line.startsWith('mode'));
    // One after the other from shadow and back to it; shadow itself needs no change.
    expect(modes.filter((line) => line === 'mode off')).toHaveLength(1);
    expect(modes.filter((line) => line === 'mode active')).toHaveLength(1);
    expect(machine.read('mode')).toBe('shadow\n');
    expect(settled()).toEqual(AFTERWARDS);
    expect(readdirSync(folder).sort()).toEqual([
      ...['latency_active_function_graph_ns.txt', 'latency_off_function_graph_ns.txt'],
      ...['latency_shadow_function_graph_ns.txt', 'measured.json'],
    ]);
  });

  test.each([
    ['current_tracer', 'function\n', /The tracer function is in use .* echo nop > /],
    ['events/enable', 'X\n', /Somebody records events/],
    ['set_graph_function', 'schedule\n', /set_graph_function is in use on this machine \(schedule\)/],
    ['set_ftrace_filter', 'schedule:traceoff:unlimited\n', /holds commands of somebody/],
    ['per_cpu/cpu0/stats', 'entries: 12\n', /holds 12 entries of somebody, which would be lost/],
    ['buffer_size_kb', 'X\n', /different sizes on different CPUs/],
    ['available_tracers', 'function nop\n', /no tracer function_graph.*fentry/],
  ])('%s in use: refused, and nothing is changed', async (name, text, why) => {
    writeFileSync(machine.state(`tracing/${name}`), text);
    await expect(measure()).rejects.toMatchObject({
      code: 'remote-failed',
      message: expect.stringMatching(why) as string,
    });
    expect(tracer()).toEqual({ ...TRACER, [name]: text });
    expect(machine.read('calls')).not.toContain('mode');
    expect(readdirSync(folder)).toEqual([]);
  });

  test('a mode that the model refuses ends it with its reason', async () => {
    machine.set('fail-mode', 'no FPU for this one\n');
    await expect(measure({ modes: ['active'] })).rejects.toThrow(/mode active: no FPU for this one/);
    expect(settled()).toEqual({
      ...settled(),
      current_tracer: 'nop\n',
      buffer_size_kb: '7 (expanded: 1408)\n',
    });
  });

  test('stopped in the middle: mode and tracer come back', async () => {
    const stop = new AbortController();
    const measuring = measure({ seconds: 60, modes: ['off'] }, stop.signal);
    while (tracer()['current_tracer'] !== 'function_graph\n') await wait(50);
    expect(tracer()).toMatchObject({ set_ftrace_filter: 'can_migrate_task\n', buffer_size_kb: '4096\n' });
    expect(machine.read('mode')).toBe('off\n');
    await wait(500);
    stop.abort();
    await expect(measuring).rejects.toThrow();
    expect(settled()).toEqual(AFTERWARDS);
    expect(machine.read('mode')).toBe('shadow\n');
  });

  test('filters of somebody come back', async () => {
    writeFileSync(machine.state('tracing/set_ftrace_filter'), 'schedule\nxfs_read [xfs]\n');
    await measure({ modes: ['off'] });
    expect(tracer()['set_ftrace_filter']).toBe('schedule\nxfs_read\n');
  });
});
