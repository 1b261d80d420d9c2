/** Child process that makes one forecast: `fork` it, wait for `ready`, send a command. It ends by itself. */
import { assertUnreachable } from '../base/assert.js';
import type { ForecastPlace } from '../learning/forecast/forecastPlace.js';
import { forecastRun } from '../learning/forecast/forecastRun.js';
import type { Forecast } from '../protocol/forecast.js';
import type { ForecastStart } from '../protocol/forecastMessages.js';
import { ChildEnd } from './childEnd.js';
import {
  readForecasterCommand,
  type ForecastCommand,
  type ForecasterCommand,
  type ForecasterEvent,
} from './forecasterMessages.js';
import { seldom } from './seldom.js';

const parent = new ChildEnd<ForecasterCommand, ForecasterEvent>({
  read: readForecasterCommand,
  unknownText: 'The process that forecasts got a message that it does not know.',
  obey,
});

function obey(command: ForecasterCommand): void {
  switch (command.kind) {
    case 'forecast':
      parent.start(async () => parent.send({ kind: 'done', forecast: await forecast(command) }));
      return;
    case 'cancel':
      parent.cancel();
      return;
    default:
      assertUnreachable(command, 'command');
  }
}

function forecast({ folder, dataset, settings }: ForecastCommand): Promise<Forecast> {
  const { start, ...rest } = settings;
  return forecastRun(folder, {
    ...rest,
    at: placeOf(start),
    ...(dataset === null ? {} : { dataset }),
    signal: parent.signal,
    onProgress: seldom((share: number) =>
      parent.send({ kind: 'progress', share: Math.min(1, Math.max(0, share)) }),
    ),
  });
}

function placeOf(start: ForecastStart): ForecastPlace {
  if (start.kind === 'part') return { part: start.part, row: start.row };
  const { path, cpu, timeNs, isRelative } = start;
  return { recording: path, cpu, timeNs, isRelative };
}

parent.send({ kind: 'ready' });
