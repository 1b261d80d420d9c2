import { basename } from 'node:path';
import { PANELS } from '../../../manifest.js';
import type { ForecastPanelRequests, ForecastStart } from '../../../protocol/forecastMessages.js';
import { FORECAST_PARAMS } from '../../../protocol/forecastSchemas.js';
import type { OpenTraceAt } from '../confusion/confusionPanel.js';
import { answersOf, type PanelKind } from '../panelKind.js';
import type { MakeForecast } from './forecastProcess.js';
import { ForecastSource } from './forecastSource.js';

/** What the forecast panel needs of the editor. */
export interface ForecastServices {
  readonly openTraceAt: OpenTraceAt;
  readonly makeForecast: MakeForecast;
  /** Asks where the data set of a run is now, unless it is where it was; undefined: the user gave up. */
  readonly findDataSet: (folder: string) => Promise<{ readonly dataset?: string } | undefined>;
}

/** Free runs of a model from a moment of a recording. It is aimed at a `ForecastStart`. */
export function forecastPanel({ openTraceAt, makeForecast, findDataSet }: ForecastServices): PanelKind {
  return {
    id: PANELS.forecast,
    view: 'forecast',
    title: (folders) => `Forecast of ${basename(folders[0] ?? '')}`,
    open: (context) => {
      const { folders, aim } = context;
      const source = new ForecastSource(
        folders[0]!,
        makeForecast,
        (share) => context.send('forecastProgress', { share }),
        (aim as ForecastStart | undefined) ?? null,
      );
      return {
        answers: answersOf<ForecastPanelRequests>(FORECAST_PARAMS, {
          forecastState: ({ dataset }) => source.state(dataset),
          findForecastData: async () => {
            const found = await findDataSet(folders[0]!);
            return found === undefined ? null : { dataset: found.dataset ?? null };
          },
          makeForecast: ({ dataset, settings }) => source.forecast(dataset, settings),
          cancelForecast: () => {
            source.cancel();
            return null;
          },
          openForecastOrigin: async ({ path, timeNs, cpu }) => {
            await openTraceAt(path, { timeNs: BigInt(timeNs), cpu });
            return null;
          },
        }),
        aim: (start) => {
          source.aim(start as ForecastStart);
          // A hidden view hears nothing, and asks by itself when it is shown.
          context.send('forecastAim', {});
        },
        dispose: () => source.dispose(),
      };
    },
  };
}
