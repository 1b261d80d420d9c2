import { button, progressRing, setEnabled } from '../../common/controls.js';
import { element, replaceContent } from '../../common/dom.js';
import { formatCount } from '../../common/format.js';
import type { LatencyActions, LatencyModel } from '../model/latencyModel.js';

/** A line along the top: what is shown, and what may be done with it. */
export function createHeader(model: LatencyModel, actions: LatencyActions): HTMLElement {
  const facts = element('span', { className: 'toolbar-facts' });
  const save = button('Save', 'Save paths, labels and settings as a file (*.latency.json)', () =>
    actions.save(),
  );
  model.state.observe((state) => {
    if (state === null) return;
    const { sets, facets } = state.densities;
    const values = sets.reduce((sum, { figures }) => sum + (figures?.n ?? 0), 0);
    const benchmarks = facets.filter(({ benchmark }) => benchmark !== '').length;
    facts.textContent = [
      `${formatCount(sets.length)} ${sets.length === 1 ? 'set' : 'sets'}`,
      ...(benchmarks === 0
        ? []
        : [`${formatCount(benchmarks)} ${benchmarks === 1 ? 'benchmark' : 'benchmarks'}`]),
      `${formatCount(values)} values`,
      ...(state.isChanged ? ['not saved'] : []),
    ].join(' · ');
    save.textContent = state.file === null ? 'Save…' : 'Save';
    setEnabled(save, sets.length > 0 && (state.isChanged || state.file === null));
  });
  return element(
    'header',
    { className: 'toolbar' },
    element('h1', {}, 'Latency densities'),
    facts,
    button('Add file…', 'Add files of latencies', () => actions.addFiles(), false),
    save,
  );
}

/** Covers the view before anything is read, and when nothing can be. */
export function createCurtain(model: LatencyModel): HTMLElement {
  const curtain = element('div', { className: 'curtain' });
  const show = () => {
    const failure = model.failure.value;
    curtain.hidden = failure === null && model.state.value !== null;
    curtain.classList.toggle('failed', failure !== null);
    replaceContent(
      curtain,
      failure === null
        ? element(
            'div',
            { className: 'loading' },
            progressRing('Reading'),
            element('p', {}, 'Reading the latencies…'),
          )
        : element(
            'div',
            { className: 'failure', attributes: { role: 'alert' } },
            element('h2', {}, 'These latencies cannot be shown'),
            element('pre', {}, failure),
          ),
    );
  };
  model.failure.subscribe(show);
  model.state.observe(show);
  return curtain;
}
