/** What the forecast panel asks of the host, and what it is told. */
import type { Forecast } from './forecast.js';

type Nothing = Record<string, never>;

export const FORECAST_PARTS = ['seen', 'unseen', 'validation', 'train'] as const;
export type ForecastPart = (typeof FORECAST_PARTS)[number];

/** Where a forecast begins; the event there is the last one that the model is told. */
export type ForecastStart =
  /** `row` null: one that so many events follow as are forecast, where there is such. */
  | { readonly kind: 'part'; readonly part: ForecastPart; readonly row: number | null }
  | {
      readonly kind: 'recording';
      /** Path of a file or folder. */
      readonly path: string;
      /** `null`: the CPU with the most events; of merged CPUs all of them. */
      readonly cpu: number | null;
      /** ns as decimal text, by the clock of the recording, or since its first switch; `null`: as `row`. */
      readonly timeNs: string | null;
      readonly isRelative: boolean;
    };

export const MOST_PANEL_STEPS = 1000;
/** More samples hardly move a band, and all of them are sent to the view. */
export const MOST_PANEL_SAMPLES = 200;
export const MOST_SEED = 4_294_967_295;
/** Events before the origin that are shown. */
export const OBSERVED_CHOICES = [200, 500, 1000] as const;
export type ObservedCount = (typeof OBSERVED_CHOICES)[number];

export interface ForecastSettings {
  readonly start: ForecastStart;
  readonly steps: number;
  readonly samples: number;
  readonly seed: number;
  readonly observed: ObservedCount;
}

export const FIRST_SETTINGS: ForecastSettings = {
  start: { kind: 'part', part: 'seen', row: null },
  steps: MOST_PANEL_STEPS,
  samples: 20,
  seed: 1,
  observed: 200,
};

/** A recording of the data set. */
export interface ForecastRecording {
  readonly path: string;
  readonly workload: string;
  readonly category: string;
  /** Absolute ns as decimal text. */
  readonly startNs: string;
  readonly endNs: string;
  /** How many it has. */
  readonly cpus: number;
}

/** What can be forecast from. */
export interface ForecastChoices {
  readonly kind: 'ready';
  readonly folder: string;
  readonly title: string;
  readonly model: string;
  readonly task: Forecast['task'];
  /** Those that have rows; test parts first. */
  readonly parts: readonly { readonly part: ForecastPart; readonly rows: number }[];
  readonly recordings: readonly ForecastRecording[];
  /** Models of single CPUs begin on one. */
  readonly perCpu: boolean;
  /** Of ln(1 + ns) in the training part: what normalised times are measured by. */
  readonly logDelta: { readonly mean: number; readonly deviation: number };
  /** Where the trace editor wants it to begin; told once. */
  readonly aim: ForecastStart | null;
}

export type ForecastState =
  | ForecastChoices
  /** The data set is not where it was. */
  | { readonly kind: 'missing'; readonly title: string; readonly message: string };

export interface ForecastPanelRequests {
  /** @param dataset where the data set is now; `null`: where the run has it */
  forecastState: { params: { readonly dataset: string | null }; result: ForecastState };
  /** Asks the user where the data set is now; `null`: the user gave up. `dataset` null: it is where it was again. */
  findForecastData: { params: Nothing; result: { readonly dataset: string | null } | null };
  /** Ends when the forecast is made; one that another one overtakes is cancelled. */
  makeForecast: {
    params: { readonly dataset: string | null; readonly settings: ForecastSettings };
    result: Forecast;
  };
  cancelForecast: { params: Nothing; result: null };
  /** Shows a moment in the trace editor, in the recording that it is of. */
  openForecastOrigin: {
    params: { readonly path: string; readonly timeNs: string; readonly cpu: number | null };
    result: null;
  };
}

export interface ForecastPanelEvents {
  /** Of the forecast that is being made, 0 … 1. */
  forecastProgress: { readonly share: number };
  /** The trace editor wants another origin: ask for the state. */
  forecastAim: Nothing;
}

export const TIME_SCALES = ['log', 'raw', 'normalised'] as const;
export type TimeScale = (typeof TIME_SCALES)[number];

/** What the view keeps over hiding and reloads, beside the folders. */
export interface ForecastMemory {
  readonly dataset: string | null;
  readonly settings: ForecastSettings;
  readonly scale: TimeScale;
  readonly showsSamples: boolean;
  readonly showsActual: boolean;
}
