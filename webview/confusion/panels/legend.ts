import { toCss } from '../../common/colour.js';
import { element, replaceContent } from '../../common/dom.js';
import type { Signal } from '../../common/signal.js';
import type { Theme } from '../../common/theme.js';
import { ColourScale } from '../matrix/colourScale.js';
import { largestOf } from '../matrix/matrixPixels.js';
import type { ConfusionModel } from '../model/confusionModel.js';
import { stepsOf } from '../model/legendSteps.js';
import { NORMALISATION_WORDS } from '../model/words.js';

/** What colours mean: a column a step, right above wrong. */
export function createLegend(model: ConfusionModel, theme: Signal<Theme>): HTMLElement {
  const legend = element('div', { className: 'matrix-legend' });
  const show = () => {
    const cells = model.cells.value;
    if (cells === null) return;
    const scale = new ColourScale(theme.value);
    const normalisation = model.normalisation.value;
    const swatch = (kind: 'right' | 'wrong', strength: number) => {
      const created = element('span', { className: 'legend-swatch' });
      created.style.backgroundColor = toCss(scale.colour(kind, strength));
      return created;
    };
    replaceContent(
      legend,
      element(
        'div',
        { className: 'legend-names' },
        element('span', {}, 'right'),
        element('span', {}, 'wrong'),
        element('span', { className: 'visually-hidden' }, 'step'),
      ),
      ...stepsOf(normalisation, largestOf(cells)).map(({ label, strength }) =>
        element(
          'div',
          { className: 'legend-step' },
          swatch('right', strength),
          swatch('wrong', strength),
          element('span', {}, label),
        ),
      ),
      element('span', { className: 'legend-title' }, NORMALISATION_WORDS[normalisation].legend),
    );
  };
  theme.subscribe(show);
  model.normalisation.subscribe(show);
  model.cells.subscribe(show);
  return legend;
}
