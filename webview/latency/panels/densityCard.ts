import type { LatencyDensities } from '../../../src/protocol/latencyMessages.js';
import { ChartView } from '../../common/chart.js';
import { element, replaceContent } from '../../common/dom.js';
import { exportButtons, type CsvTable } from '../../common/exportFile.js';
import type { Signal } from '../../common/signal.js';
import type { Theme } from '../../common/theme.js';
import { facetChart, facetHeight } from '../charts/facetChart.js';
import { stackedPicture } from '../charts/stackedPicture.js';
import { drawnSets, labelsOf, type LatencyActions, type LatencyModel } from '../model/latencyModel.js';
import { describeFacet, facetName, methodWords, setLetter, styleOf } from '../model/words.js';
import { createSettingsBar } from './settingsBar.js';

interface Facet {
  readonly element: HTMLElement;
  readonly title: HTMLElement;
  readonly chart: ChartView;
}

/** The curves: a facet a benchmark, one below the other over one axis. */
export class DensityCard {
  readonly element: HTMLElement;
  readonly #facets: Facet[] = [];
  readonly #place = element('div', { className: 'facets' });
  readonly #key = element('ul', { className: 'curve-key' });
  readonly #note = element('p', { className: 'chart-note' });
  readonly #empty = element('p', { className: 'empty' }, 'Nothing to draw yet. Add a file of latencies.');

  constructor(
    private readonly model: LatencyModel,
    private readonly theme: Signal<Theme>,
    actions: LatencyActions,
  ) {
    const buttons = exportButtons(
      {
        title: 'Densities',
        name: () => 'latency-densities',
        table: () => this.#csv(),
        picture: () => this.#picture(),
      },
      () => theme.value,
      (file) => actions.saveFile(file),
    );
    this.element = element(
      'section',
      { className: 'card', attributes: { 'aria-label': 'Densities' } },
      element('div', { className: 'card-head' }, element('h2', {}, 'Densities'), buttons),
      createSettingsBar(model, actions),
      this.#key,
      this.#empty,
      this.#place,
      this.#note,
    );
    theme.subscribe(() => this.#show());
    model.state.observe(() => this.#show());
  }

  #show(): void {
    const densities = this.model.state.value?.densities;
    if (densities === undefined) return;
    const drawn = densities.facets.filter((facet) => drawnSets(facet, densities.sets).length > 0);
    while (this.#facets.length > drawn.length) {
      const facet = this.#facets.pop();
      facet?.chart.dispose();
      facet?.element.remove();
    }
    while (this.#facets.length < drawn.length) {
      const facet = createFacet();
      this.#facets.push(facet);
      this.#place.append(facet.element);
    }
    for (const [at, facet] of drawn.entries()) {
      const { title, chart } = this.#facets[at]!;
      const isLast = at === drawn.length - 1;
      title.hidden = drawn.length === 1 && facet.benchmark === '';
      title.textContent = facetName(facet);
      chart.element.style.height = `${facetHeight(facet, densities, isLast)}px`;
      chart.show(facetChart(facet, densities, this.theme.value, isLast), describeFacet(facet, densities));
    }
    this.#empty.hidden = drawn.length > 0;
    this.#note.hidden = drawn.length === 0;
    this.#note.textContent = methodWords(densities);
    this.#showKey(densities);
  }

  /** Which label has which line. */
  #showKey(densities: LatencyDensities): void {
    const { sets } = densities;
    const entries = labelsOf(sets).map((label, at) => {
      const letters = sets.flatMap(({ set }, place) => (set.label === label ? [setLetter(place)] : []));
      const line = element('canvas', { className: 'line-sample', attributes: { 'aria-hidden': 'true' } });
      drawSample(line, at, this.theme.value);
      return element('li', {}, line, `${letters.join(', ')}  ${label}`);
    });
    replaceContent(this.#key, ...entries);
  }

  #picture(): HTMLCanvasElement | null {
    const parts = this.#facets.flatMap(({ title, chart }) => {
      const canvas = chart.picture;
      return canvas === null ? [] : [{ title: title.hidden ? this.#words() : title.textContent, canvas }];
    });
    return stackedPicture(parts, this.theme.value);
  }

  /** What the letters are, for a picture that stands alone. */
  #words(): string {
    const sets = this.model.state.value?.densities.sets ?? [];
    return sets.map(({ set }, at) => `${setLetter(at)} ${set.label}`).join(' · ');
  }

  #csv(): CsvTable {
    const sets = this.model.state.value?.densities.sets ?? [];
    return {
      columns: ['set', 'label', 'benchmark', 'probe', 'ns', 'density'],
      rows: sets.flatMap(({ set, curve }, at) =>
        (curve?.ns ?? []).map((ns, i) => [
          setLetter(at),
          set.label,
          set.benchmark,
          set.probe,
          ns,
          curve?.density[i] ?? null,
        ]),
      ),
    };
  }
}

function createFacet(): Facet {
  const title = element('h3');
  const chart = new ChartView('density');
  return { element: element('div', { className: 'facet' }, title, chart.element), title, chart };
}

/** A piece of a line, as it is in the chart. */
function drawSample(canvas: HTMLCanvasElement, at: number, theme: Theme): void {
  const { colour, dash } = styleOf(at, theme);
  const scale = window.devicePixelRatio || 1;
  canvas.width = 34 * scale;
  canvas.height = 10 * scale;
  const context = canvas.getContext('2d');
  if (context === null) return;
  context.scale(scale, scale);
  context.strokeStyle = `rgb(${colour.r}, ${colour.g}, ${colour.b})`;
  context.lineWidth = 2.5;
  context.setLineDash([...dash]);
  context.beginPath();
  context.moveTo(0, 5);
  context.lineTo(34, 5);
  context.stroke();
}
