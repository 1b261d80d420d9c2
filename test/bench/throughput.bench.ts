/** How fast text becomes the finished model, beside what the tools need for their own files, all in the same run. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, openSync, closeSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileSource } from '../../src/base/byteSource.js';
import { importTrace } from '../../src/trace/importTrace.js';
import type { EventStore } from '../../src/trace/model/eventStore.js';
import { writeBigText } from './bigText.js';
import { hasTool, recordWithPerf, traceDat, timeCommand } from './peers.js';
import { cannotMeasure, figure, heading, median, megabytes, perSecond, seconds } from './report.js';

const RUNS = 5;
const directory = mkdtempSync(join(tmpdir(), 'kernel-oracle-bench-'));

try {
  await tracefsText();
  await besidePerf();
  await besideTraceCmd();
} finally {
  rmSync(directory, { recursive: true, force: true });
}

async function tracefsText(): Promise<void> {
  heading('tracefs text into the event model (one thread)');
  const path = join(directory, 'big.ftrace');
  const events = await writeBigText(path, 2_000_000);
  const { wallMs, cpuMs, store } = await importRuns(path);
  figure('events', String(events), megabytes(statSync(path).size));
  figure('median of 5, elapsed', perSecond(events, median(wallMs)), 'reading of the file included');
  figure('median of 5, CPU time', perSecond(events, median(cpuMs)), 'user and system, all threads');
  figure('model, bytes an event', (store.residentBytes() / store.length).toFixed(1), 'target: at most 48');
}

async function besidePerf(): Promise<void> {
  heading('perf script text, beside perf on the perf.data of the same recording');
  const data = hasTool('perf') ? recordWithPerf(directory) : undefined;
  if (data === undefined) {
    cannotMeasure('perf script, perf sched timehist', 'perf is missing or may not record here (root?)');
    return;
  }
  const text = join(directory, 'perf.txt');
  const out = openSync(text, 'w');
  const started = performance.now();
  execFileSync('perf', ['script', '--ns', '-F', 'comm,pid,tid,cpu,time,event,trace', '-i', data], {
    stdio: ['ignore', out, 'ignore'],
  });
  const scriptMs = performance.now() - started;
  closeSync(out);
  const { wallMs, store } = await importRuns(text);
  const ours = median(wallMs);
  figure('events', String(store.length));
  figure('perf script', perSecond(store.length, scriptMs), seconds(scriptMs));
  const timehistMs = timeCommand('perf', ['sched', 'timehist', '-i', data]);
  figure('perf sched timehist', perSecond(store.length, timehistMs), seconds(timehistMs));
  figure('KernelOracle, perf script text into the model', perSecond(store.length, ours), seconds(ours));
  figure('ratio to perf script', `${(scriptMs / ours).toFixed(1)} x`);
  figure('ratio to perf sched timehist', `${(timehistMs / ours).toFixed(1)} x`);
  const cliMs = timeCommand(process.execPath, ['dist/cli.js', 'timehist', text]);
  figure('kernel-oracle timehist on the text, whole process', seconds(cliMs));
  figure('ratio to perf sched timehist, whole process', `${(timehistMs / cliMs).toFixed(1)} x`);
}

async function besideTraceCmd(): Promise<void> {
  heading('tracefs text, beside trace-cmd report on a trace.dat of as many events');
  const data = hasTool('trace-cmd') ? traceDat(directory) : undefined;
  if (data === undefined) {
    cannotMeasure('trace-cmd report', 'trace-cmd is missing or may not record here (root?)');
    return;
  }
  const report = join(directory, 'report.txt');
  const out = openSync(report, 'w');
  const started = performance.now();
  execFileSync('trace-cmd', ['report', '-i', data], { stdio: ['ignore', out, 'ignore'] });
  const reportMs = performance.now() - started;
  closeSync(out);
  const lines = readFileSync(report).reduce((count, byte) => count + (byte === 10 ? 1 : 0), 0);
  const path = join(directory, 'same-size.ftrace');
  const events = await writeBigText(path, lines);
  const { wallMs } = await importRuns(path);
  const trackedPerEvent = reportMs / lines;
  const oursPerEvent = median(wallMs) / events;
  figure('trace-cmd report', perSecond(lines, reportMs), `${lines} events, ${seconds(reportMs)}`);
  figure('KernelOracle', perSecond(events, median(wallMs)), `${events} events`);
  const small = lines < 100_000 ? 'of a small recording: mostly the start of its process' : '';
  figure('ratio to trace-cmd report, per event', `${(trackedPerEvent / oursPerEvent).toFixed(1)} x`, small);
}

async function importRuns(path: string): Promise<{ wallMs: number[]; cpuMs: number[]; store: EventStore }> {
  const wallMs: number[] = [];
  const cpuMs: number[] = [];
  let store: EventStore | undefined;
  for (let run = 0; run < RUNS; run += 1) {
    const cpu = process.cpuUsage();
    const started = performance.now();
    store = await importTrace(await fileSource(path));
    wallMs.push(performance.now() - started);
    const used = process.cpuUsage(cpu);
    cpuMs.push((used.user + used.system) / 1000);
  }
  return { wallMs, cpuMs, store: store! };
}
