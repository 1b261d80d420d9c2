import type { TimeRange } from '../../src/protocol/traceMessages.js';
import { iconButton } from '../common/controls.js';
import type { TraceClient } from './model/traceClient.js';
import type { TraceModel } from './model/traceModel.js';
import type { Hit } from './timeline/hover.js';

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

/** Tells the editor where the cursor is, for its commands that begin there: at the slice that was selected last. */
export function tellCursor(model: TraceModel, client: TraceClient): void {
  model.slice.subscribe((slice) => {
    const cursor = slice === null ? null : { cpu: slice.detail.cpu, atNs: slice.detail.startNs };
    void client.ask('cursorMoved', { cursor });
  });
}

/** The same of where the context menu is opened. */
export function tellPress(client: TraceClient, hit: Hit | null): void {
  if (hit === null) return;
  void client.ask('cursorMoved', { cursor: { cpu: cpuOf(hit), atNs: Math.floor(hit.timeNs) } });
}

/** `Segments.value` of a thread's lane while it is on no CPU that is known. */
const NO_CPU = 65_535;

function cpuOf({ lane, segment }: Hit): number | null {
  if (lane.kind !== 'thread') return lane.cpu;
  const cpu = segment?.lane.value[segment.index] ?? NO_CPU;
  return cpu === NO_CPU ? null : cpu;
}
