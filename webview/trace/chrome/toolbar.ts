import { dropdown, iconButton } from '../../common/controls.js';
import { element } from '../../common/dom.js';
import type { TimeRange } from '../../../src/protocol/traceMessages.js';
import type { TimeMode, TraceModel } from '../model/traceModel.js';
import { createExportButton } from '../rangeExport.js';
import { describeTrace } from './progress.js';

export interface ToolbarActions {
  readonly zoom: (factor: number) => void;
  readonly fit: () => void;
  readonly toggleCompact: () => void;
  readonly step: (direction: 1 | -1) => void;
  readonly help: () => void;
  readonly exportRange: (range: TimeRange) => void;
}

/** The row of controls above the timeline. */
export function createToolbar(
  model: TraceModel,
  search: HTMLElement,
  migrations: HTMLElement,
  actions: ToolbarActions,
): HTMLElement {
  const facts = element('span', { className: 'toolbar-facts' });
  model.summary.observe((summary) => {
    facts.textContent = summary === null ? '' : describeTrace(summary);
    facts.title = summary === null ? '' : `${summary.name}: ${describeTrace(summary)}`;
  });
  const group = (...children: HTMLElement[]) => element('div', { className: 'toolbar-group' }, ...children);
  return element(
    'div',
    { className: 'toolbar', attributes: { role: 'toolbar', 'aria-label': 'Trace' } },
    search,
    group(
      iconButton('previous', 'Previous slice of the selected thread (P)', () => actions.step(-1)),
      iconButton('next', 'Next slice of the selected thread (N)', () => actions.step(1)),
    ),
    group(
      iconButton('zoomOut', 'Zoom out (S)', () => actions.zoom(1.5)),
      iconButton('zoomIn', 'Zoom in (W)', () => actions.zoom(1 / 1.5)),
      iconButton('fit', 'Fit the selection, or all (F)', actions.fit),
      iconButton('rows', 'Low or normal lanes', actions.toggleCompact),
      createExportButton(model, actions.exportRange),
    ),
    migrations,
    facts,
    iconButton('help', 'Keys and gestures (?)', actions.help),
  );
}

/** The choice of how times are written; it stands in the corner beside the ruler. */
export function createTimeModeChoice(model: TraceModel): HTMLElement {
  return dropdown<TimeMode>(
    'How times are written',
    { relative: 'From start', absolute: 'Clock' },
    model.timeMode.value,
    (mode) => model.timeMode.set(mode),
  );
}
