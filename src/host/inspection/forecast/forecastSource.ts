import { stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { Failure, isFailure } from '../../../base/errors.js';
import {
  readDataSetMeta,
  type DataSetMeta,
  type RecordingEntry,
} from '../../../dataset/files/dataSetMeta.js';
import { readRun, runPaths } from '../../../learning/trainer/runFolder.js';
import type { Forecast } from '../../../protocol/forecast.js';
import {
  FORECAST_PARTS,
  type ForecastRecording,
  type ForecastSettings,
  type ForecastStart,
  type ForecastState,
} from '../../../protocol/forecastMessages.js';
import type { MakeForecast } from './forecastProcess.js';

interface Made {
  readonly key: string;
  readonly forecast: Promise<Forecast>;
  readonly cancellation: AbortController;
}

/** The forecasts of one run: one is made at a time, and the last one is kept, since a hidden view forgets it. */
export class ForecastSource {
  #aim: ForecastStart | null;
  #made: Made | undefined;

  /** @param aim where the first one is to begin; `null`: the view knows */
  constructor(
    private readonly folder: string,
    private readonly make: MakeForecast,
    private readonly onProgress: (share: number) => void,
    aim: ForecastStart | null = null,
  ) {
    this.#aim = aim;
  }

  /** The next state asks for a forecast from there. */
  aim(start: ForecastStart): void {
    this.#aim = start;
  }

  /** Failures: `not-found` without a run; those of reading the data set, but for one that is not there. */
  async state(dataset: string | null): Promise<ForecastState> {
    const run = await readRun(this.folder);
    if (run === null) throw new Failure('not-found', `There is no run in ${this.folder}.`);
    const title = basename(this.folder);
    const place = dataset ?? run.dataset.path;
    const meta = await readDataSetMeta(place).catch((error: unknown) => {
      if (isFailure(error, 'not-found')) return null;
      throw error;
    });
    if (meta === null) {
      return {
        kind: 'missing',
        title,
        message: `The data set of this run is not in ${place} any more. Forecasts begin in it, and what the model does not predict is drawn from it.`,
      };
    }
    const aim = this.#aim;
    this.#aim = null;
    return {
      kind: 'ready',
      folder: this.folder,
      title,
      model: run.model,
      task: run.task,
      parts: FORECAST_PARTS.map((part) => ({ part, rows: meta.parts[part].rows })).filter(
        ({ rows }) => rows > 0,
      ),
      recordings: meta.recordings.map(recordingView),
      perCpu: meta.options.perCpu,
      logDelta: meta.features.logDelta,
      aim: aim === null ? null : fitting(aim, meta),
    };
  }

  /** The same request again is the same forecast, unless the weights changed. Failures: those of `MakeForecast`. */
  async forecast(dataset: string | null, settings: ForecastSettings): Promise<Forecast> {
    const key = JSON.stringify([dataset, settings, await this.#weightsStamp()]);
    if (this.#made?.key === key) return this.#made.forecast;
    this.cancel();
    const cancellation = new AbortController();
    const forecast = this.make({
      folder: this.folder,
      ...{ dataset, settings },
      signal: cancellation.signal,
      onProgress: (share) => this.onProgress(share),
    });
    const made = { key, forecast, cancellation };
    this.#made = made;
    forecast.catch(() => {
      if (this.#made === made) this.#made = undefined;
    });
    return forecast;
  }

  /** Ends the forecast that is being made; one that is there stays. */
  cancel(): void {
    this.#made?.cancellation.abort();
  }

  dispose(): void {
    this.cancel();
    this.#made = undefined;
  }

  async #weightsStamp(): Promise<string> {
    return stat(runPaths(this.folder).best).then(
      ({ ino, mtimeMs }) => `${ino}:${mtimeMs}`,
      () => '-',
    );
  }
}

function recordingView({
  files,
  workload,
  category,
  startNs,
  endNs,
  cpus,
}: RecordingEntry): ForecastRecording {
  return { path: pathOf(files), ...{ workload, category, startNs, endNs, cpus } };
}

/** Of a recording in several files the folder is what can be read. */
function pathOf(files: RecordingEntry['files']): string {
  const first = files[0]?.path ?? '';
  return files.length > 1 ? dirname(first) : first;
}

/** A model of merged CPUs does not begin on one of them. */
function fitting(aim: ForecastStart, { options }: Pick<DataSetMeta, 'options'>): ForecastStart {
  return aim.kind === 'recording' && !options.perCpu ? { ...aim, cpu: null } : aim;
}
