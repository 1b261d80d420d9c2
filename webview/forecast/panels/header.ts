import type { Forecast } from '../../../src/protocol/forecast.js';
import { element, linkButton, replaceContent } from '../../common/dom.js';
import { formatCount, formatSeconds } from '../../common/format.js';
import { stateMark } from '../../common/stateMark.js';
import type { ForecastModel } from '../model/forecastModel.js';

/** Whose forecast it is, where it begins, and what one should know before looking at it. */
export function createHeader(model: ForecastModel, openOrigin: (forecast: Forecast) => void): HTMLElement {
  const title = element('h1', {}, 'Forecast');
  const facts = element('p', { className: 'forecast-facts' });
  model.state.subscribe((state) => {
    if (state === null) return;
    title.textContent = `Forecast of ${state.title}`;
    title.title = state.kind === 'ready' ? state.folder : '';
  });
  model.forecast.subscribe((forecast) => {
    facts.hidden = forecast === null;
    if (forecast === null) return;
    const { cpu } = forecast.origin;
    replaceContent(
      facts,
      factsOf(forecast),
      ' · ',
      linkButton(
        'show the origin in the trace',
        cpu === null
          ? 'Opens the recording at the moment of the origin'
          : `Opens the recording at the moment of the origin, on CPU ${cpu}`,
        () => openOrigin(forecast),
      ),
    );
  });
  return element('header', { className: 'forecast-header' }, title, facts);
}

const CHOSEN = 'chosen as suits: the middle of the longest sequence, or later while all steps still follow';

function factsOf({ model, task, origin, samples, steps, seed, companion }: Forecast): string {
  const file = origin.recording.slice(origin.recording.lastIndexOf('/') + 1);
  const cpu = origin.cpu === null ? 'all CPUs' : `CPU ${origin.cpu}`;
  const runs = samples.length === 1 ? 'one free run' : `${formatCount(samples.length)} free runs`;
  const { place, isChosen } = origin;
  return [
    `${model} (${task === 'next-task' ? 'next task' : 'times'})`,
    `from ${file}, ${cpu}, at ${formatSeconds(BigInt(origin.timeNs), 9)} s`,
    ...(place === null ? [] : [`row ${formatCount(place.row)} of the part ${place.part}`]),
    ...(isChosen ? [CHOSEN] : []),
    `${runs} of ${formatCount(steps)} events`,
    `seed ${seed}`,
    ...(companion === null ? [] : [`companion: ${companion}`]),
  ].join(' · ');
}

/** What the forecast itself warns of. */
export function createWarnings(model: ForecastModel): HTMLElement {
  const list = element('ul', { className: 'forecast-warnings', attributes: { 'aria-label': 'Warnings' } });
  model.forecast.observe((forecast) => {
    const warnings = forecast?.warnings ?? [];
    list.hidden = warnings.length === 0;
    replaceContent(
      list,
      ...warnings.map((text) =>
        element('li', {}, stateMark('warning', 'Warning'), element('span', {}, text)),
      ),
    );
  });
  return list;
}
