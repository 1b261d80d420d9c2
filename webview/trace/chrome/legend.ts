import { ThreadState } from '../../../src/protocol/traceMessages.js';
import { fromOklch } from '../../common/colour.js';
import { element } from '../../common/dom.js';
import type { Signal } from '../../common/signal.js';
import type { Theme } from '../../common/theme.js';
import { ColumnFill } from '../timeline/columnFill.js';
import { LabelList, type Canvas } from '../timeline/drawing.js';
import { drawState } from '../timeline/drawThreadLane.js';
import { Palette } from '../timeline/palette.js';
import { PixelSurface } from '../timeline/pixelSurface.js';

const entries: readonly (readonly [ThreadState | 'gap', string, string])[] = [
  [ThreadState.Running, 'Running', 'On a CPU; in the colour of the task'],
  [ThreadState.Runnable, 'Runnable', 'Woken up and waiting for a CPU'],
  [ThreadState.Preempted, 'Preempted', 'Switched out while runnable, waiting to run again'],
  [ThreadState.Sleeping, 'Sleeping', 'Interruptible sleep'],
  [ThreadState.Uninterruptible, 'Uninterruptible', 'Mostly waiting for I/O or a lock'],
  [ThreadState.Unknown, 'Unknown', 'Not told by the trace'],
  ['gap', 'Lost events', 'The recording has a gap on this CPU'],
];

const width = 22;
const height = 12;

/** The look of each state, drawn by the code that draws the lanes. */
export function createLegend(theme: Signal<Theme>, marks: readonly HTMLElement[]): HTMLElement {
  const swatches = entries.map(([state]) => ({
    state,
    canvas: element('canvas', { attributes: { 'aria-hidden': 'true' } }),
  }));
  const items = entries.map(([, label, title], index) =>
    element('li', { title }, swatches[index]!.canvas, label),
  );
  theme.observe((value) => {
    for (const { state, canvas } of swatches) drawSwatch(canvas, state, value);
  });
  return element(
    'ul',
    { className: 'legend', attributes: { 'aria-label': 'Legend of the timeline' } },
    ...items,
    ...marks,
  );
}

function drawSwatch(target: HTMLCanvasElement, state: ThreadState | 'gap', theme: Theme): void {
  const ratio = Math.max(1, Math.round(window.devicePixelRatio));
  target.width = width * ratio;
  target.height = height * ratio;
  target.style.width = `${width}px`;
  target.style.height = `${height}px`;
  const context = target.getContext('2d');
  if (context === null) return;
  const surface = new PixelSurface();
  surface.resize(target.width, target.height);
  const palette = new Palette(theme, () => undefined);
  surface.clear(palette.background);
  const canvas: Canvas = {
    surface,
    columns: new ColumnFill(surface),
    palette,
    view: { startNs: 0, endNs: 1 },
    scale: 1,
    ratio,
    labels: new LabelList(Infinity),
  };
  const box = { y: 0, height: target.height };
  if (state === ThreadState.Running) drawSpectrum(surface, theme);
  else if (state === 'gap')
    surface.hatchRect(
      0,
      0,
      target.width,
      target.height,
      palette.gap.ground,
      palette.gap.stripe,
      6 * ratio,
      2 * ratio,
      1,
    );
  else drawState(canvas, state, 0, target.width, box);
  surface.present(context);
}

/** Running has no colour of its own: a few of those that tasks may have. */
function drawSpectrum(surface: PixelSurface, theme: Theme): void {
  const lightness = theme.kind === 'hc-light' ? 0.48 : theme.kind === 'light' ? 0.62 : 0.7;
  const part = Math.ceil(surface.width / 3);
  [250, 150, 350].forEach((hue, index) => {
    const { r, g, b } = fromOklch(lightness, 0.12, hue);
    const word = ((255 << 24) | (Math.round(b) << 16) | (Math.round(g) << 8) | Math.round(r)) >>> 0;
    surface.fillRect(index * part, 0, part - 1, surface.height, word);
  });
}
