import type { SliceName } from '../../../src/protocol/evaluation.js';
import type { ComparedMetricId } from '../../../src/protocol/modelComparisonMessages.js';
import { ChoiceBar } from '../../common/choiceBar.js';
import { element } from '../../common/dom.js';
import { formatCount } from '../../common/format.js';
import { partWords, SLICE_WORDS } from '../../model/model/measures.js';
import type { ComparisonModel } from '../model/comparisonModel.js';
import { metricWords } from '../model/words.js';

/** Which events, and which figure: for all cards alike. */
export function createControls(model: ComparisonModel): HTMLElement {
  const parts = new ChoiceBar<string>('Part', '', (part) => model.part.set(part));
  const slices = new ChoiceBar<SliceName>('Which events', 'all', (slice) => model.slice.set(slice));
  const metrics = new ChoiceBar<ComparedMetricId>('Figure', 'top1', (metric) => model.metric.set(metric));
  const title = element('h1', {}, 'Comparison of models');
  const facts = element('p', { className: 'part-facts' });
  const header = element(
    'header',
    { className: 'comparison-header' },
    title,
    element('div', { className: 'card-controls' }, parts.element, slices.element, metrics.element),
    facts,
  );
  model.follow(() => {
    const { comparison, shownPart, shownSlice, shownMetric } = model;
    header.hidden = comparison === null;
    if (comparison === null || shownPart === null || shownSlice === null || shownMetric === null) return;
    title.textContent = comparison.runs.map((run) => run.title).join(' ↔ ');
    parts.show(
      comparison.parts.map(({ part, events }) => {
        const { label, title: what } = partWords(part);
        return { id: part, label, title: `${what}: ${formatCount(events)} events in common` };
      }),
    );
    parts.set(shownPart.part);
    slices.element.hidden = shownPart.slices.length < 2;
    slices.show(
      shownPart.slices.map(({ slice, events }) => ({
        id: slice,
        label: SLICE_WORDS[slice].label,
        title: `${SLICE_WORDS[slice].title}: ${formatCount(events)} events`,
      })),
    );
    slices.set(shownSlice.slice);
    metrics.element.hidden = shownSlice.metrics.length < 2;
    metrics.show(
      shownSlice.metrics.map(({ metric }) => {
        const { label, title: what } = metricWords(metric);
        return { id: metric, label, title: what };
      }),
    );
    metrics.set(shownMetric.metric);
    facts.textContent = `${formatCount(shownSlice.events)} events that all models were asked about; ${formatCount(shownPart.blocks)} blocks of about ${formatCount(shownPart.blockEvents)} consecutive events for intervals and tests.`;
  });
  return header;
}
