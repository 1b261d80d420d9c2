import type { TimeRange } from '../../src/protocol/traceMessages.js';
import { iconButton } from '../common/controls.js';
import type { TraceClient } from './model/traceClient.js';
import type { TraceModel } from './model/traceModel.js';

const label = 'Export the selected range';
const reason = `${label}: first select one, by dragging on the ruler or with Shift in the timeline`;

/** A button that exports what is selected; without a selection it says what to do. */
export function createExportButton(model: TraceModel, exportRange: (range: TimeRange) => void): HTMLElement {
  const button = iconButton('export', label, () => {
    const range = model.selection.value;
    if (range !== null) exportRange(range);
  });
  model.selection.observe((range) => {
    button.toggleAttribute('disabled', range === null);
    button.title = range === null ? reason : `${label}…`;
  });
  return button;
}

/**
 * Tells the editor what is selected: its commands export it, and the context menu of the timeline (package.json,
 * `webview/context`) offers that only while there is something.
 */
export function tellSelection(model: TraceModel, client: TraceClient, timeline: HTMLElement): void {
  model.selection.observe((range) => {
    timeline.dataset['vscodeContext'] = JSON.stringify({
      webviewSection: 'timeline',
      hasRange: range !== null,
      preventDefaultContextMenuItems: true,
    });
    void client.ask('rangeSelected', { range });
  });
}
