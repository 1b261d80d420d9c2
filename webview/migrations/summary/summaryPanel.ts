import { element, replaceContent } from '../../common/dom.js';
import type { Signal } from '../../common/signal.js';
import type { Theme } from '../../common/theme.js';
import { noFilter, type RecordsModel } from '../model/recordsModel.js';
import { breakdown } from './breakdown.js';
import { cautions } from './cautions.js';
import { figures } from './figures.js';
import { LatencyCard } from './latencyCard.js';
import { pairs } from './pairs.js';

/** Everything that is said of the file as a whole. What names a part of the calls can be clicked to see them. */
export function createSummaryPanel(
  model: RecordsModel,
  theme: Signal<Theme>,
  showLine: (line: number) => void,
): HTMLElement {
  const latency = new LatencyCard(theme);
  const counts = element('div');
  const left = element('div', { className: 'cell' });
  const middle = element('div', { className: 'cell' });
  const right = element('div', { className: 'cell wide' });
  model.summary.observe((summary) => {
    if (summary === null) return;
    replaceContent(counts, figures(summary));
    replaceContent(
      left,
      breakdown(summary, (type) => model.filter.set({ ...noFilter, type })),
    );
    replaceContent(
      middle,
      pairs(summary, (srcCpu, dstCpu) => model.filter.set({ ...noFilter, srcCpu, dstCpu })),
    );
    latency.show(summary.latency);
    replaceContent(right, cautions(summary, showLine));
  });
  return element(
    'div',
    { className: 'summary', attributes: { role: 'region', 'aria-label': 'Summary' } },
    counts,
    element('div', { className: 'cards' }, left, middle, latency.element, right),
  );
}
