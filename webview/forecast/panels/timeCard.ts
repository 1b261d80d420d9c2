import { TIME_SCALES, type TimeScale } from '../../../src/protocol/forecastMessages.js';
import type { Forecast } from '../../../src/protocol/forecast.js';
import { ChoiceBar } from '../../common/choiceBar.js';
import { checkbox } from '../../common/controls.js';
import { element, replaceContent } from '../../common/dom.js';
import { ExportCard } from '../../common/exportCard.js';
import { formatCount, formatShare } from '../../common/format.js';
import type { Theme } from '../../common/theme.js';
import { keyEntry } from '../../training/charts/chartKey.js';
import { TimeArea } from '../charts/timeArea.js';
import { FORECAST_DASH, MOST_DRAWN_SAMPLES } from '../charts/timeChart.js';
import { tellsTimes, timeShares } from '../model/figures.js';
import { forecastTable } from '../model/forecastTable.js';
import { fileNameOf, type CardContext } from './cardContext.js';
import { zoomButtons } from './zoomButtons.js';

const SCALE_WORDS: Readonly<Record<TimeScale, { readonly label: string; readonly title: string }>> = {
  log: { label: 'logarithmic', title: 'Times from nanoseconds to seconds on one axis' },
  raw: { label: 'raw', title: 'Times as they are: the longest fill the chart' },
  normalised: {
    label: 'normalised',
    title: 'As the model reads them: ln(1 + ns) less its mean, by its deviation',
  },
};

/** Times: observed, forecast with bands, and what came. */
export function createTimeCard(context: CardContext): HTMLElement {
  const { model, theme } = context;
  const area = new TimeArea(model, theme);
  const card = new ExportCard({
    title: 'Times between events',
    fileName: () => fileNameOf(context, 'times'),
    theme,
    save: context.save,
    hasChart: false,
    picture: () => area.picture,
  });
  const scales = new ChoiceBar<TimeScale>('Scale of times', model.scale.value, (scale) =>
    model.scale.set(scale),
  );
  scales.show(TIME_SCALES.map((id) => ({ id, ...SCALE_WORDS[id] })));
  const samples = checkbox('samples', model.showsSamples.value, (shows) => model.showsSamples.set(shows));
  const actual = checkbox('what came', model.showsActual.value, (shows) => model.showsActual.set(shows));
  const key = element('ul', { className: 'chart-key' });
  card.setControls(scales.element, samples.element, actual.element, zoomButtons(area.axis));
  card.setBelow(key, area.element);
  const showKey = () => {
    const { value } = model.forecast;
    if (value !== null) replaceContent(key, ...keyOf(value, context, theme.value));
  };
  for (const signal of [model.showsSamples, model.showsActual]) signal.subscribe(showKey);
  theme.subscribe(showKey);
  model.showsSamples.subscribe((shows) => (samples.checked = shows));
  model.forecast.subscribe((forecast) => {
    card.element.hidden = forecast === null || !tellsTimes(forecast);
    if (forecast === null || card.element.hidden) return;
    samples.element.hidden = forecast.samples.length === 1;
    card.setCsv(forecastTable(forecast));
    card.setWords(wordsOf(forecast));
    card.setNote(
      'Dashed is the forecast, from the dotted line on: each event is fed back as if it had come. Bands are quantiles over the samples at each step. Drag or Shift and the wheel move, Ctrl and the wheel zoom.',
    );
    showKey();
  });
  card.element.hidden = true;
  return card.element;
}

function keyOf({ samples, quantiles }: Forecast, { model }: CardContext, theme: Theme): HTMLElement[] {
  const entry = (label: string, colour: Theme['blue'], dash: readonly number[] = []) =>
    keyEntry({ label, points: [], colour, dash, isUnmarked: true });
  const drawn = Math.min(samples.length, MOST_DRAWN_SAMPLES);
  return [
    entry('observed', theme.foreground),
    entry(
      quantiles === null ? 'forecast' : `forecast (median of ${samples.length} samples)`,
      theme.blue,
      FORECAST_DASH,
    ),
    ...(quantiles === null ? [] : [bandEntry('50', 'central 50 %'), bandEntry('90', 'central 90 %')]),
    ...(model.showsSamples.value && samples.length > 1
      ? [entry(`${drawn} of the samples`, theme.purple)]
      : []),
    ...(model.showsActual.value ? [entry('came', theme.orange)] : []),
    entry('the forecast begins', theme.foreground, [2, 3]),
  ];
}

function bandEntry(level: '50' | '90', label: string): HTMLElement {
  return element('li', {}, element('span', { className: `band-swatch band-${level}` }), label);
}

/** How good it was, as far as what came is known; beside the simplest forecast. */
function wordsOf(forecast: Forecast): string {
  const parts = timeShares(forecast).map(({ events, within50, within90, error, constantError }) => {
    const bands =
      within50 === null || within90 === null
        ? ''
        : `${formatShare(within50)} within the 50 % band and ${formatShare(within90)} within the 90 % band, `;
    return `first ${formatCount(events)}: ${bands}mean error of ln(1 + ns) ${error.toFixed(3)} (always the observed median: ${constantError.toFixed(3)})`;
  });
  return parts.length === 0
    ? 'Nothing was recorded behind the origin: the forecast cannot be compared with anything.'
    : `Of what came, ${parts.join('; ')}.`;
}
