import { embeddedEngineNodeOptions } from '../../../learning/engines/embedded/nodeOptions.js';
import type { Forecast } from '../../../protocol/forecast.js';
import {
  readForecasterEvent,
  type ForecastCommand,
  type ForecasterEvent,
} from '../../../workers/forecasterMessages.js';
import { workInProcess } from '../../workInProcess.js';

export interface ForecastOptions extends Omit<ForecastCommand, 'kind'> {
  readonly signal: AbortSignal;
  /** @param share 0…1 */
  readonly onProgress: (share: number) => void;
}

/** Failures: `cancelled`; `bad-input` with what forecasting says; `too-large` when it ended without a word. */
export type MakeForecast = (options: ForecastOptions) => Promise<Forecast>;

/** Makes forecasts in processes of their own. @param program dist/forecaster.cjs */
export function forecastInProcess(program: string): MakeForecast {
  return ({ signal, onProgress, ...command }) =>
    workInProcess<ForecastCommand, ForecasterEvent, Forecast>({
      program,
      command: { kind: 'forecast', ...command },
      signal,
      nodeOptions: embeddedEngineNodeOptions(process.versions.node),
      read: readForecasterEvent,
      resultOf: (event) => {
        if (event.kind === 'progress') onProgress(event.share);
        return event.kind === 'done' ? event.forecast : undefined;
      },
      words: {
        work: 'The forecast',
        process: 'The process that forecasts',
        smaller: 'Close other programs, or ask for fewer samples or steps.',
      },
    });
}
