/** How fast binary recordings become the finished model on one core, beside what the tools need for the same files. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileSource } from '../../src/base/byteSource.js';
import { importTrace } from '../../src/trace/importTrace.js';
import { writeBigTraceDat } from './bigTraceDat.js';
import { hasTool, recordWithPerf, timeCommand } from './peers.js';
import { cannotMeasure, figure, heading, median, megabytes, perSecond, seconds } from './report.js';

const RUNS = 5;
const TRACE_DAT_BYTES = 150e6;
/** Some 3 million events, half a minute of a busy machine, as users record: in less, starting up is what is measured. */
const PERF_LOOPS = 30_000;
const directory = mkdtempSync(join(tmpdir(), 'kernel-oracle-bench-'));

try {
  const version6 = join(directory, 'big.trace.dat');
  await writeBigTraceDat(version6, TRACE_DAT_BYTES);
  await beside('trace.dat, version 6', version6, 'trace-cmd', ['report', '-i', version6]);
  for (const compression of ['none', 'zstd'] as const) await converted(version6, compression);
  await perfData();
} finally {
  rmSync(directory, { recursive: true, force: true });
}

/** The same in version 7, as trace-cmd writes it: beside each other they tell what expanding costs. */
async function converted(version6: string, compression: 'none' | 'zstd'): Promise<void> {
  const path = join(directory, `big-7-${compression}.trace.dat`);
  try {
    execFileSync(
      'trace-cmd',
      ['convert', '--file-version', '7', '--compression', compression, '-i', version6, '-o', path],
      {
        stdio: 'ignore',
      },
    );
  } catch {
    cannotMeasure(`trace.dat of version 7, ${compression}`, 'trace-cmd cannot convert here');
    return;
  }
  await beside(`trace.dat, version 7, compression ${compression}`, path, 'trace-cmd', ['report', '-i', path]);
}

async function perfData(): Promise<void> {
  const path = hasTool('perf') ? recordWithPerf(directory, PERF_LOOPS) : undefined;
  if (path === undefined) cannotMeasure('perf.data', 'perf is missing or may not record here (root?)');
  else await beside('perf.data of perf sched record', path, 'perf', ['script', '--ns', '-i', path]);
}

async function beside(what: string, path: string, tool: string, args: readonly string[]): Promise<void> {
  heading(`${what}, ${megabytes(statSync(path).size)}`);
  const elapsedMs: number[] = [];
  const cpuMs: number[] = [];
  let events = 0;
  for (let run = 0; run < RUNS; run += 1) {
    const cpu = process.cpuUsage();
    const started = performance.now();
    const store = await importTrace(await fileSource(path));
    elapsedMs.push(performance.now() - started);
    const used = process.cpuUsage(cpu);
    cpuMs.push((used.user + used.system) / 1000);
    events = store.length;
  }
  const ours = median(elapsedMs);
  figure('scheduler events', String(events));
  figure('median of 5, elapsed', perSecond(events, ours), 'target: 4 M/s');
  figure('median of 5, CPU time', perSecond(events, median(cpuMs)), 'all threads of the process');
  figure('best of 5, elapsed', perSecond(events, Math.min(...elapsedMs)));
  if (!hasTool(tool)) {
    cannotMeasure(tool, 'it is not installed');
    return;
  }
  const toolMs = timeCommand(tool, args);
  figure(`${tool} ${args[0]!}`, perSecond(events, toolMs), seconds(toolMs));
  figure(`ratio to ${tool} ${args[0]!}`, `${(toolMs / ours).toFixed(1)} x`);
}
