import type { Forecast } from '../../../src/protocol/forecast.js';
import { formatCount, formatDuration, unknownText } from '../../common/format.js';
import { taskCame, timeCame, timesAt, UNKNOWN_TASK } from './figures.js';

export function eventTitle(event: number): string {
  if (event === 0) return 'Event 0, the last one that the model was told';
  return event < 0
    ? `${formatCount(-event)} events before the origin`
    : `Event ${formatCount(event)} of the forecast`;
}

export function taskText({ taskNames }: Pick<Forecast, 'taskNames'>, task: number | undefined): string {
  if (task === undefined) return 'not recorded';
  return task === UNKNOWN_TASK ? 'unknown (UNK)' : (taskNames[task] ?? unknownText);
}

export function nsText(ns: number | null | undefined): string {
  return ns === null || ns === undefined ? unknownText : formatDuration(ns);
}

/** Times of an event, a line each. */
export function timeLines(forecast: Forecast, event: number): [string, string][] {
  const came =
    event > 0 && event > forecast.actual.task.length ? 'not recorded' : nsText(timeCame(forecast, event));
  if (event <= 0)
    return [
      ['observed', came],
      ['task', taskText(forecast, taskCame(forecast, event))],
    ];
  const { middle, low50, high50, low90, high90 } = timesAt(forecast, event);
  const bands: [string, string][] =
    forecast.quantiles === null
      ? [['forecast', nsText(middle)]]
      : [
          ['median', nsText(middle)],
          ['central 50 %', `${nsText(low50)} – ${nsText(high50)}`],
          ['central 90 %', `${nsText(low90)} – ${nsText(high90)}`],
        ];
  return [...bands, ['came', came]];
}

export function sentence(title: string, lines: readonly (readonly [string, string])[]): string {
  return `${title}: ${lines.map(([label, value]) => `${label} ${value}`).join(', ')}.`;
}
