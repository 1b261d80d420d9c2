import { iconButton } from '../../common/controls.js';
import { element } from '../../common/dom.js';
import type { EventAxis } from './eventAxis.js';

export function zoomButtons(axis: EventAxis): HTMLElement {
  return element(
    'div',
    { className: 'zoom-buttons', attributes: { role: 'group', 'aria-label': 'Zoom' } },
    iconButton('zoomIn', 'Zoom in (+, or Ctrl and the wheel)', () => axis.zoomIn()),
    iconButton('zoomOut', 'Zoom out (−, or Ctrl and the wheel)', () => axis.zoomOut()),
    iconButton('fit', 'Show all (0)', () => axis.fit()),
  );
}
