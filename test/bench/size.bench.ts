/**
 * The sizes that KernelOracle promises to open: a 4 GB text and a 2 GB trace.dat, in the editor's worker: time,
 * memory while opening and after, and what closing in the middle costs. Needs 6 GB of disk: only runs when it is named.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeBigText } from './bigText.js';
import { writeBigTraceDat } from './bigTraceDat.js';
import { endWorker, nextSummary, openInEditorWorker, startEditorWorker } from './editorWorker.js';
import { figure, heading, megabytes, perSecond, seconds } from './report.js';

const TEXT_BYTES = Number(process.env['BENCH_TEXT_BYTES'] ?? 4e9);
const TRACE_DAT_BYTES = Number(process.env['BENCH_TRACE_DAT_BYTES'] ?? 2e9);
/** Of the sample that is written over and over. */
const BYTES_A_LINE = 148;

const directory = mkdtempSync(join(tmpdir(), 'kernel-oracle-bench-'));
try {
  const text = join(directory, 'big.ftrace');
  await writeBigText(text, Math.ceil(TEXT_BYTES / BYTES_A_LINE));
  await open('tracefs text', text);
  await closeEarly(text);
  rmSync(text);
  const traceDat = join(directory, 'big.trace.dat');
  await writeBigTraceDat(traceDat, TRACE_DAT_BYTES);
  await open('trace.dat', traceDat);
  await closeEarly(traceDat);
} finally {
  rmSync(directory, { recursive: true, force: true });
}

async function open(what: string, path: string): Promise<void> {
  heading(`${what} of ${megabytes(statSync(path).size)}`);
  const { summary, firstPictureMs, completeMs, peakBytes, settledBytes, close } =
    await openInEditorWorker(path);
  const { events } = summary;
  const perEvent = (bytes: number) => `${(bytes / events).toFixed(1)} bytes an event`;
  figure('events', String(events));
  figure('first picture', seconds(firstPictureMs));
  figure('complete', seconds(completeMs), perSecond(events, completeMs));
  figure('peak memory for the trace', megabytes(peakBytes), `${perEvent(peakBytes)}; target: below 60`);
  figure('memory when complete', megabytes(settledBytes), perEvent(settledBytes));
  const { endedMs, leftBytes } = await close();
  figure('closed', `${endedMs.toFixed(0)} ms`, `${megabytes(leftBytes)} more than before opening`);
}

/** Closing while the file is read. */
async function closeEarly(path: string): Promise<void> {
  const beforeBytes = process.memoryUsage.rss();
  const { worker, messenger } = startEditorWorker(path);
  const { events } = await nextSummary(messenger, (summary) => summary.events > 1_000_000);
  const { endedMs, leftBytes } = await endWorker(worker, beforeBytes);
  const remark = `after ${events} events; ${megabytes(leftBytes)} more than before opening`;
  figure('closed while reading', `${endedMs.toFixed(0)} ms`, remark);
}
