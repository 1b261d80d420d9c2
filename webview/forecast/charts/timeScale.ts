import type { ForecastChoices, TimeScale } from '../../../src/protocol/forecastMessages.js';
import { formatDuration } from '../../common/format.js';

/** How times are drawn: where on the axis, and what an axis says there. */
export interface Scale {
  readonly title: string;
  readonly place: (ns: number) => number;
  readonly tick: (place: number) => string | null;
  /** Only whole places are labelled. */
  readonly isStepped: boolean;
}

/** @param logDelta mean and deviation of ln(1 + ns) in the training part */
export function scaleOf(scale: TimeScale, { mean, deviation }: ForecastChoices['logDelta']): Scale {
  switch (scale) {
    case 'log':
      return {
        title: 'time to the event (logarithmic)',
        place: (ns) => Math.log10(1 + ns),
        // 1 + ns, so that events at the same time have a place: from 10 ns on nobody sees the one.
        tick: (place) =>
          Number.isInteger(place) && place >= 0 ? (place === 0 ? '0' : formatDuration(10 ** place)) : null,
        isStepped: true,
      };
    case 'raw':
      return { title: 'time to the event', place: (ns) => ns, tick: formatDuration, isStepped: false };
    case 'normalised':
      return {
        title: 'ln(1 + ns), as the model reads it: less its mean, by its deviation',
        place: (ns) => (Math.log1p(ns) - mean) / (deviation === 0 ? 1 : deviation),
        tick: (place) => place.toFixed(1),
        isStepped: false,
      };
  }
}
