/**
 * A CSV of the KernelOracle family with 7 million switches (as many as the training part of the TCN follow-up) into a data
 * set, in a process of its own: time and memory; then how fast batches come out of it.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildDataSet, DEFAULT_OPTIONS } from '../../src/dataset/buildDataSet.js';
import { openDataSet } from '../../src/dataset/dataSet.js';
import { windowsOf } from '../../src/dataset/windows.js';
import {
  cannotMeasure,
  figure,
  heading,
  median,
  megabytes,
  percentile,
  perSecond,
  seconds,
} from './report.js';
import { seededRandom } from './syntheticTrace.js';

const EVENTS = Number(process.env['BENCH_DATASET_EVENTS'] ?? 7_000_000);
const WORKLOADS = ['hackbench', 'sysbench_cpu', 'sysbench_threads', 'cpu_bound', 'io_mixed', 'stress_mix'];
const RUNS = 6;
const PIDS_A_RUN = 100;
const BATCHES = 400;

const [asked, csvPath, dataSetPath] = process.argv.slice(2);
if (asked === '--build' && csvPath !== undefined && dataSetPath !== undefined) {
  await buildInThisProcess(csvPath, dataSetPath);
} else {
  const directory = mkdtempSync(join(tmpdir(), 'kernel-oracle-bench-'));
  try {
    await measure(join(directory, 'switches.csv'), join(directory, 'data'));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function buildInThisProcess(csv: string, output: string): Promise<void> {
  const started = performance.now();
  const meta = await buildDataSet({
    paths: [csv],
    output,
    options: DEFAULT_OPTIONS,
    replace: false,
    kernelOracleVersion: 'bench',
    now: () => new Date(),
  });
  const elapsedMs = performance.now() - started;
  const cpuUsed = process.cpuUsage();
  const cpuMs = (cpuUsed.user + cpuUsed.system) / 1000;
  const rows = meta.recordings.reduce((sum, recording) => sum + recording.rows, 0);
  // maxRSS is in kilobytes.
  const peakBytes = process.resourceUsage().maxRSS * 1024;
  console.log(JSON.stringify({ elapsedMs, cpuMs, peakBytes, rows, tasks: meta.vocabulary.tasks.length }));
}

async function measure(csv: string, dataSet: string): Promise<void> {
  heading(`KernelOracle CSV of ${EVENTS} switches into a data set`);
  writeCsv(csv);
  figure('CSV', megabytes(statSync(csv).size), `${WORKLOADS.length * RUNS} recordings`);
  const child = spawnSync(process.execPath, [fileURLToPath(import.meta.url), '--build', csv, dataSet], {
    encoding: 'utf8',
  });
  if (child.status !== 0) {
    cannotMeasure('building', child.stderr);
    return;
  }
  const { elapsedMs, cpuMs, peakBytes, rows, tasks } = JSON.parse(child.stdout) as Record<string, number>;
  figure('built in', seconds(elapsedMs!), `${perSecond(rows!, elapsedMs!)}; target: below 20 s`);
  figure('CPU time of the process', seconds(cpuMs!), 'what it takes on a machine that does nothing else');
  figure('peak memory of the process', megabytes(peakBytes!), 'target: below 2000 MB');
  figure('tasks in the vocabulary', String(tasks));
  await measureBatches(dataSet);
}

async function measureBatches(folder: string): Promise<void> {
  heading('Batches of 128 windows of 64 events, shuffled');
  const openedAt = performance.now();
  const set = await openDataSet(folder);
  const train = await set.part('train');
  figure('training part read and checked', seconds(performance.now() - openedAt), `${train.rows} rows`);
  const madeAt = performance.now();
  const windows = windowsOf(train, {
    length: 64,
    stride: 4,
    seed: 1,
    features: ['cpu', 'logDelta'],
    standardisations: set.meta.features,
  });
  figure('windows', String(windows.count), `ready in ${(performance.now() - madeAt).toFixed(0)} ms`);
  const times: number[] = [];
  for (let index = 0; index < Math.min(BATCHES, windows.batchCount(128)); index += 1) {
    const started = performance.now();
    windows.batch(index, 128);
    times.push(performance.now() - started);
  }
  figure('a batch, median', `${median(times).toFixed(3)} ms`, 'target: below 1 ms');
  figure('a batch, 99th percentile', `${percentile(times, 0.99).toFixed(3)} ms`);
}

/** Recordings behind each other, each a machine of two CPUs whose tasks follow each other with some regularity. */
function writeCsv(path: string): void {
  const file = openSync(path, 'w');
  writeSync(file, 'timestamp,time_diff,task_name,pid,cpu,prev_state,prev_comm,workload_type,trace_id\n');
  const random = seededRandom(7);
  const recordings = WORKLOADS.flatMap((workload) =>
    Array.from({ length: RUNS }, (_, run) => ({ workload, run })),
  );
  recordings.forEach(({ workload, run }, recording) => {
    const rows =
      Math.floor((EVENTS * (recording + 1)) / recordings.length) -
      Math.floor((EVENTS * recording) / recordings.length);
    const origin = `${workload},${workload}_run${run}\n`;
    let us = 1_000_000_000 + recording * 100_000_000;
    const running = ['swapper/0', 'swapper/1'];
    let text = '';
    for (let row = 0; row < rows; row += 1) {
      const deltaUs = 1 + Math.floor(-20 * Math.log(1 - random()));
      us += deltaUs;
      const cpu = random() < 0.5 ? 0 : 1;
      const isIdle = random() < 0.1;
      const task = Math.floor(random() * random() * PIDS_A_RUN);
      const name = isIdle ? `swapper/${cpu}` : `${workload}-${task % 10}`;
      const pid = isIdle ? 0 : 2000 + recording * PIDS_A_RUN + task;
      const time = `${Math.floor(us / 1e6)}.${String(us % 1e6).padStart(6, '0')}`;
      text += `${time},0.${String(deltaUs).padStart(6, '0')},${name},${pid},${cpu},${random() < 0.7 ? 'S' : 'R'},${running[cpu]!},${origin}`;
      running[cpu] = name;
      if (text.length < 1 << 20) continue;
      writeSync(file, text);
      text = '';
    }
    writeSync(file, text);
  });
  closeSync(file);
}
