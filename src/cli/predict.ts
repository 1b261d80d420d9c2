import { openDataSet, type StoredPart } from '../dataset/dataSet.js';
import { encodeRecordings } from '../dataset/encodeRecordings.js';
import type { PartName } from '../dataset/sequences.js';
import { readTrainedModel, type TrainedModel } from '../learning/export/trainedModel.js';
import { predictEvents, type PredictedEvents, type Prediction } from '../learning/streaming/predictEvents.js';
import { interruptible } from './interruptible.js';
import { metricKeys, metricText, metricTitle } from './metricTables.js';
import { LineWriter, printable, printLines, toJson } from './output.js';
import { EventLister, eventLine, headLine, type ListedEvent } from './predictText.js';
import { StatusLine } from './statusLine.js';

export interface PredictCommandOptions {
  readonly part: PartName;
  readonly cpu?: number;
  readonly limit: number;
  readonly events?: boolean;
  readonly guesses: number;
  readonly dataset?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** `predict RUN [FILE…]`: what a model predicts of each event before it comes. */
export async function predict(
  run: string,
  files: readonly string[],
  options: PredictCommandOptions,
): Promise<void> {
  const status = new StatusLine(options.quiet === true || options.events === true);
  await interruptible(async (signal) => {
    try {
      status.show('reading …');
      const trained = await readTrainedModel(run, options.dataset);
      const part = await partOf(trained, files, options, signal);
      const lister = new EventLister(part, trained);
      const listed: ListedEvent[] = [];
      const writer = new LineWriter();
      const isTable = options.events === true && options.json !== true;
      if (isTable) await writer.line(headLine(trained));
      const onPrediction = async (prediction: Prediction) => {
        const event = lister.listed(prediction);
        if (isTable) await writer.line(eventLine(event));
        else listed.push(event);
      };
      const found = await predictEvents(trained, part, {
        ...{ cpu: options.cpu ?? null, limit: options.limit, guesses: options.guesses, signal },
        onProgress: (share) => status.show(`predicting ${Math.floor(100 * share)} %`),
        ...(options.events === true && { onPrediction }),
      });
      await writer.flush();
      status.clear();
      await print(found, trained, listed, options);
    } finally {
      status.clear();
    }
  });
}

async function partOf(
  { config }: TrainedModel,
  files: readonly string[],
  { dataset, part }: PredictCommandOptions,
  signal: AbortSignal,
): Promise<StoredPart> {
  const dataSet = await openDataSet(dataset ?? config.dataset);
  if (files.length === 0) return dataSet.part(part, signal);
  const given = await encodeRecordings(files, dataSet.meta, signal);
  for (const { path, reason } of given.leftOut)
    process.stderr.write(`warning: ${printable(path)} was left out: ${printable(reason)}\n`);
  return given.part;
}

async function print(
  { scores, latency, untrainedTaps }: PredictedEvents,
  { config }: TrainedModel,
  listed: readonly ListedEvent[],
  options: PredictCommandOptions,
): Promise<void> {
  if (untrainedTaps > 0) {
    process.stderr.write(
      `warning: ${untrainedTaps} taps of the convolutions reach further back than the ${config.windows.length} events of a training window, so that they were never trained: they are left out.\n`,
    );
  }
  if (options.json === true) {
    const events = options.events === true ? { events: listed } : {};
    await printLines([toJson({ model: config.model.name, scores, latency, untrainedTaps, ...events })]);
    return;
  }
  if (options.events === true) await printLines(['']);
  const us = (ns: number) => `${(ns / 1000).toFixed(1)} µs`;
  const values = scores as unknown as Record<string, unknown>;
  await printLines([
    `model      ${printable(config.model.name)}`,
    ...metricKeys(scores).map((key) => `${metricTitle(key).padEnd(22)} ${metricText(key, values[key])}`),
    `latency    ${us(latency.p50Ns)} median, ${us(latency.p99Ns)} 99 %, ${us(latency.maxNs)} longest, of ${latency.events} single events`,
  ]);
}
