import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fileSource } from '../../../src/base/byteSource.js';
import { digestOfFile } from '../../../src/remote/artifacts/digest.js';
import { readRecordingMeta } from '../../../src/remote/artifacts/recordingMeta.js';
import { collect } from '../../../src/remote/collect/collect.js';
import type {
  CollectionPhase,
  CollectionProgress,
  CollectionRequest,
  CollectionResult,
  CollectorSettings,
} from '../../../src/remote/collect/collection.js';
import { USUAL_PERF_EVENTS } from '../../../src/remote/collect/perfCollector.js';
import type { Connection } from '../../../src/remote/connection.js';
import type { WorkloadCommand } from '../../../src/remote/workloads/workload.js';
import { importTrace } from '../../../src/trace/importTrace.js';
import { CollectorMachine, CONTEXT, nothingToCollectWith } from '../../support/collectorMachine.js';

const missing = nothingToCollectWith('perf', 'bpftrace');
if (missing !== undefined) console.warn(`No collections are tested: ${missing}.`);

const PERF: CollectorSettings = { collector: 'perf', events: USUAL_PERF_EVENTS, bufferPages: 512 };
const TRACEFS: CollectorSettings = {
  collector: 'tracefs',
  events: ['sched_switch', 'sched_waking', 'sched_wakeup', 'sched_wakeup_new', 'sched_migrate_task'],
  filters: {},
  bufferKbPerCpu: 4096,
  overwrite: false,
  clock: 'mono',
  format: 'trace.dat',
};
const COLLECTORS: readonly CollectorSettings[] = [
  TRACEFS,
  { ...TRACEFS, format: 'text' },
  PERF,
  { collector: 'perf-map' },
  { collector: 'bpftrace', program: 'sched_switch', migrationCostNs: null },
];

const SLEEPERS: WorkloadCommand = {
  name: 'sleepers',
  program: {
    kind: 'shell',
    text: 'for i in 1 2 3 4 5 6 7 8; do sleep 0.1 & done; wait; echo "all awake"; echo "a complaint" >&2',
  },
  timeoutMs: 60_000,
};

describe.skipIf(missing !== undefined)('collections over a real sshd', () => {
  let machine: CollectorMachine;
  let connection: Connection;
  let count = 0;
  beforeAll(async () => {
    machine = await CollectorMachine.start();
    connection = await machine.connect();
  });
  afterAll(() => {
    machine.dispose();
  });

  function localFolder(): string {
    count += 1;
    const folder = join(machine.folder, `local-${count}`);
    mkdirSync(folder);
    return folder;
  }

  function request(part: Partial<CollectionRequest> = {}): CollectionRequest {
    return {
      settings: PERF,
      workload: null,
      durationMs: null,
      category: 'test',
      run: 2,
      path: join(localFolder(), 'recording.perf.data'),
      ...part,
    };
  }

  interface Course {
    readonly onProgress?: (progress: CollectionProgress) => void;
    readonly stop?: AbortSignal;
    readonly cancel?: AbortSignal;
  }

  function collecting(what: CollectionRequest, course: Course = {}): Promise<CollectionResult> {
    return collect(connection, CONTEXT, what, {
      onProgress: course.onProgress ?? (() => undefined),
      stop: course.stop ?? new AbortController().signal,
      cancel: course.cancel ?? new AbortController().signal,
    });
  }

  const namesBeside = (path: string) => machine.names(join(path, '..'));

  test.each(COLLECTORS.map((settings) => [JSON.stringify(settings), settings] as const))(
    'a recording with its description, by %s',
    async (_title, settings) => {
      const phases: CollectionPhase[] = [];
      const what = request({ settings, workload: SLEEPERS });
      const result = await collecting(what, { onProgress: ({ phase }) => phases.push(phase) });
      expect([...new Set(phases)]).toEqual(['preparing', 'collecting', 'finishing', 'verifying', 'done']);
      expect(namesBeside(what.path)).toEqual(['recording.perf.data', 'recording.perf.data.meta.json']);
      expect(machine.leftovers()).toEqual([]);
      const digest = await digestOfFile(what.path);
      expect(result).toMatchObject({ ...digest, path: what.path });
      const meta = await readRecordingMeta(result.metaPath);
      expect(meta.recording).toMatchObject({ ...digest, fileName: 'recording.perf.data' });
      expect(meta.collector).toEqual(settings);
      expect(meta).toMatchObject({ category: 'test', run: 2, kernelOracleVersion: '0.0.0-test' });
      expect(meta.machine.kernelRelease).toBe(spawnSync('uname', ['-r'], { encoding: 'utf8' }).stdout.trim());
      expect(meta.workload).toMatchObject({
        name: 'sleepers',
        exitStatus: 0,
        timedOut: false,
        outputTail: 'all awake\n\na complaint',
      });
      expect(meta.times.machineClockOffsetMs).toBeCloseTo(0, -3);
      const store = await importTrace(await fileSource(what.path));
      expect(store.length).toBeGreaterThan(20);
      expect(result.counters.events).toBeGreaterThanOrEqual(store.length);
      expect(meta.events.count).toBe(result.counters.events);
    },
  );

  test('ends after its duration, with live counters meanwhile', async () => {
    const counters: CollectionProgress['counters'][] = [];
    const what = request({ durationMs: 2500 });
    await collecting(what, { onProgress: (progress) => counters.push(progress.counters) });
    const meta = await readRecordingMeta(`${what.path}.meta.json`);
    const tookMs = Date.parse(meta.times.end) - Date.parse(meta.times.start);
    expect(tookMs).toBeGreaterThanOrEqual(2490);
    expect(meta.workload).toBeNull();
    const rates = counters.filter(({ eventsPerSecond }) => (eventsPerSecond ?? 0) > 0);
    expect(rates.length).toBeGreaterThan(2);
    expect(counters.at(-1)!.elapsedMs).toBeGreaterThanOrEqual(2490);
  });

  test('stopped: what was recorded is kept, the workload is ended', async () => {
    const stop = new AbortController();
    const workload: WorkloadCommand = {
      name: 'endless',
      program: { kind: 'command', argv: ['sleep', '1000'] },
      timeoutMs: 1e9,
    };
    const what = request({ workload });
    const result = await collecting(what, {
      stop: stop.signal,
      onProgress: ({ counters }) => {
        if (counters.elapsedMs > 1500) stop.abort();
      },
    });
    expect(besideLosses(result.remarks)).toEqual([
      'The workload endless was still running when the collection ended.',
    ]);
    expect((await readRecordingMeta(result.metaPath)).workload).toMatchObject({ exitStatus: null });
    expect(machine.leftovers()).toEqual([]);
  });

  test.each([
    [
      'fails',
      { kind: 'shell', text: 'echo so far; echo broken >&2; exit 7' },
      /^The workload faulty failed with exit status 7\. broken$/,
    ],
    [
      'is killed',
      { kind: 'shell', text: 'kill -SEGV $$' },
      /^The workload faulty (was ended by SIGSEGV|failed)/,
    ],
    ['is not there', { kind: 'command', argv: ['no-such-program'] }, /There is no program no-such-program/],
    [
      'takes too long',
      { kind: 'command', argv: ['sleep', '1000'] },
      /did not end within 1.5 s and was ended/,
    ],
  ] as const)('a workload that %s yields a recording with a remark', async (_what, program, remark) => {
    const what = request({ workload: { name: 'faulty', program, timeoutMs: 1500 } });
    const result = await collecting(what);
    expect(besideLosses(result.remarks)).toEqual([expect.stringMatching(remark)]);
    expect((await readRecordingMeta(result.metaPath)).remarks).toEqual(result.remarks);
    expect(machine.leftovers()).toEqual([]);
  });

  test('nothing is overwritten, and a folder that is not there is said', async () => {
    const what = request({ durationMs: 100 });
    writeFileSync(what.path, 'mine');
    await expect(collecting(what)).rejects.toMatchObject({ code: 'write-failed' });
    expect(readFileSync(what.path, 'utf8')).toBe('mine');
    const other = request({ durationMs: 100 });
    writeFileSync(`${other.path}.meta.json`, 'mine');
    await expect(collecting(other)).rejects.toMatchObject({ code: 'write-failed' });
    await expect(
      collecting(request({ path: join(machine.folder, 'none', 'recording') })),
    ).rejects.toMatchObject({ code: 'write-failed' });
    // It appears while it is recorded.
    const late = request({ durationMs: 500 });
    await expect(
      collecting(late, {
        onProgress: ({ phase }) => {
          if (phase === 'finishing') writeFileSync(late.path, 'theirs');
        },
      }),
    ).rejects.toMatchObject({ code: 'write-failed' });
    expect(readFileSync(late.path, 'utf8')).toBe('theirs');
    expect(namesBeside(late.path)).toEqual(['recording.perf.data']);
  });

  test.each(['preparing', 'collecting', 'finishing', 'verifying'] as const)(
    'cancelled while %s: nothing is left, here and there',
    async (when) => {
      const cancel = new AbortController();
      const what = request({ workload: SLEEPERS });
      const cancelled = collecting(what, {
        cancel: cancel.signal,
        onProgress: ({ phase }) => {
          if (phase === when) cancel.abort();
        },
      });
      await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' });
      expect(namesBeside(what.path)).toEqual([]);
      // A question that was under way ends by itself.
      await expect.poll(() => machine.leftovers(), { timeout: 5000 }).toEqual([]);
    },
  );

  test('cancelled at any moment', async () => {
    for (const afterMs of [50, 300, 700, 1200]) {
      const what = request({ workload: SLEEPERS, settings: TRACEFS });
      await expect(collecting(what, { cancel: AbortSignal.timeout(afterMs) })).rejects.toMatchObject({
        code: 'cancelled',
      });
      expect(namesBeside(what.path)).toEqual([]);
      // A question that was under way ends by itself.
      await expect.poll(() => machine.leftovers(), { timeout: 5000 }).toEqual([]);
    }
  });

  test('a local disk that is full', async () => {
    const folder = localFolder();
    const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=128k', 'tmpfs', folder]);
    if (status !== 0) throw new Error('No tmpfs can be mounted: a full disk is not tested.');
    try {
      await expect(
        collecting(request({ path: join(folder, 'recording'), durationMs: 20_000 })),
      ).rejects.toMatchObject({
        code: 'write-failed',
        message: expect.stringMatching(/^The disk is full: /) as string,
      });
      expect(machine.names(folder)).toEqual([]);
      expect(machine.leftovers()).toEqual([]);
    } finally {
      spawnSync('umount', [folder]);
    }
  });

  test('a connection that is lost: nothing is left here, and there after a while', async () => {
    const what = request();
    const lost = collecting(what, {
      onProgress: ({ counters }) => {
        if (counters.elapsedMs < 500) return;
        for (const pid of machine.server.connectionPids()) process.kill(pid, 'SIGKILL');
      },
    });
    await expect(lost).rejects.toMatchObject({ code: 'connection-lost' });
    expect(namesBeside(what.path)).toEqual([]);
    const deadline = Date.now() + 15_000;
    while (machine.leftovers().length > 0 && Date.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    expect(machine.leftovers()).toEqual([]);
    connection = await machine.connect();
  });
});

/** A busy machine may lose events, which is another remark. */
function besideLosses(remarks: readonly string[]): string[] {
  return remarks.filter((remark) => !/^\d+ events were lost/.test(remark));
}
