/** What a forecast is, for panels and the command line. */

/** Where a forecast begins: behind the last event of `observed`. */
export interface ForecastOrigin {
  /** The recording's file, and what its absolute times mean to the trace editor. */
  readonly recording: string;
  /** `null`: CPUs merged. */
  readonly cpu: number | null;
  /** Absolute ns as decimal text. */
  readonly timeNs: string;
  /** The part of the data set that it is in, and its row there; `null`: a recording was named. */
  readonly place: { readonly part: string; readonly row: number } | null;
  /** No row or time was named: it is the middle of the longest sequence, or later as long as all steps still follow. */
  readonly isChosen: boolean;
}

export interface Forecast {
  readonly origin: ForecastOrigin;
  readonly model: string;
  readonly task: 'next-task' | 'inter-arrival';
  readonly steps: number;
  readonly seed: number;
  /** What came before, the last one last. */
  readonly observed: EventSeries;
  /** What really came; shorter than `steps` at the end of a sequence, empty where nothing is recorded. */
  readonly actual: EventSeries;
  /** Free runs: each feeds its own forecast back. */
  readonly samples: readonly EventSeries[];
  /** Of ns to the next event over the samples, by step; `null` for a model that tells only tasks, and for a single sample. */
  readonly quantiles: readonly { readonly level: number; readonly deltaNs: readonly number[] }[] | null;
  /** What gives the tasks of an inter-arrival model's free run, or the times of a next-task model's: "Markov 3". */
  readonly companion: string | null;
  /** Names by the numbers of the vocabulary. */
  readonly taskNames: readonly string[];
  readonly warnings: readonly string[];
}

/** Parallel columns. */
export interface EventSeries {
  /** ns since the event before; NaN is `null` in JSON: not known. */
  readonly deltaNs: readonly (number | null)[];
  readonly task: readonly number[];
}
