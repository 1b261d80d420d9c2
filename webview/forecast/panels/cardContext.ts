import type { FileToSave } from '../../../src/protocol/inspectionMessages.js';
import type { Signal } from '../../common/signal.js';
import type { Theme } from '../../common/theme.js';
import type { ForecastModel } from '../model/forecastModel.js';

/** What every card of the view is made with. */
export interface CardContext {
  readonly model: ForecastModel;
  readonly theme: Signal<Theme>;
  readonly save: (file: FileToSave) => Promise<void>;
}

/** Files are named after the run, what they hold, and the seed that makes the same again. */
export function fileNameOf({ model }: CardContext, what: string): string {
  const { state, forecast } = model;
  const title = state.value?.title ?? 'forecast';
  return `${title}-forecast-${what}-seed-${forecast.value?.seed ?? 0}`;
}
