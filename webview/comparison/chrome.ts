import { button, checkbox, progressRing } from '../common/controls.js';
import { element, replaceContent } from '../common/dom.js';
import { formatCount } from '../common/format.js';
import type { ComparisonModel } from './model/comparisonModel.js';

/** A line along the top: what is compared, and what may be done with it. */
export function createHeader(model: ComparisonModel, save: () => void): HTMLElement {
  const facts = element('span', { className: 'toolbar-facts' });
  const all = checkbox('All metrics', model.showsAllMetrics.value, (checked) =>
    model.showsAllMetrics.set(checked),
  );
  all.element.title = 'Show every metric, not only the one of each benchmark on which its verdict rests';
  model.comparison.observe((comparison) => {
    if (comparison === null) return;
    const benchmarks = new Set(comparison.metrics.map(({ benchmark }) => benchmark)).size;
    facts.textContent = `${formatCount(comparison.sets.length)} sets · ${formatCount(benchmarks)} ${benchmarks === 1 ? 'benchmark' : 'benchmarks'}`;
    facts.title = `Intervals of ${comparison.confidence * 100} % by ${formatCount(comparison.resamples)} bootstrap resamples, seed ${comparison.seed}`;
  });
  return element(
    'header',
    { className: 'toolbar' },
    element('h1', {}, 'Benchmark comparison'),
    facts,
    all.element,
    button('Save CSV…', 'Write all figures as CSV', save),
  );
}

/** Covers the view before the comparison is there, and when there can be none. */
export function createCurtain(model: ComparisonModel): HTMLElement {
  const loading = element(
    'div',
    { className: 'loading' },
    progressRing('Comparing'),
    element('p', {}, 'Reading the results…'),
  );
  const curtain = element('div', { className: 'curtain' }, loading);
  const show = () => {
    const failure = model.failure.value;
    curtain.hidden = failure === null && model.comparison.value !== null;
    curtain.classList.toggle('failed', failure !== null);
    if (failure === null) {
      if (loading.parentElement !== curtain) replaceContent(curtain, loading);
      return;
    }
    replaceContent(
      curtain,
      element(
        'div',
        { className: 'failure', attributes: { role: 'alert' } },
        element('h2', {}, 'These results cannot be compared'),
        element('pre', {}, failure),
      ),
    );
  };
  model.failure.observe(show);
  model.comparison.subscribe(show);
  return curtain;
}
