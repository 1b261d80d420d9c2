import type { LaneSegments, TimeRange } from '../../../src/protocol/traceMessages.js';
import { toCss } from '../../common/colour.js';
import { element } from '../../common/dom.js';
import type { Theme } from '../../common/theme.js';
import type { TraceClient } from '../model/traceClient.js';
import type { TraceModel } from '../model/traceModel.js';
import { isLane } from '../model/validate.js';
import { utilisationColumns } from './minimapData.js';
import { fitted, timeOfX, xOfTime, span } from './viewport.js';

/** More CPUs than this do not change the picture much, but its cost. */
const mostCpus = 64;

/** The whole recording in one strip: how busy the CPUs were, and a window that shows and moves the view. */
export class Minimap {
  readonly element: HTMLElement;
  readonly #canvas = element('canvas', {
    attributes: { role: 'img', 'aria-label': 'Overview: utilisation of all CPUs over the whole recording' },
  });
  readonly #window = element('div', { className: 'minimap-window' });
  readonly #range = element('div', { className: 'minimap-range' });
  readonly #client: TraceClient;
  readonly #model: TraceModel;
  readonly #moveTo: (view: TimeRange) => void;
  readonly #onData: () => void;
  #lanes = new Map<number, LaneSegments>();
  #dataRange: TimeRange = { startNs: 0, endNs: 1 };
  #width = 0;
  #loading = false;
  #stale = false;

  constructor(client: TraceClient, model: TraceModel, moveTo: (view: TimeRange) => void, onData: () => void) {
    this.#client = client;
    this.#model = model;
    this.#moveTo = moveTo;
    this.#onData = onData;
    this.element = element(
      'div',
      { className: 'minimap', title: 'Drag to move the view' },
      this.#canvas,
      this.#range,
      this.#window,
    );
    this.element.addEventListener('pointerdown', (event) => this.#drag(event));
  }

  /** Coarse slices of a CPU over the whole recording. */
  segments(cpu: number): LaneSegments | undefined {
    return this.#lanes.get(cpu);
  }

  /** Asks for the whole recording again; calls while one is under way are joined into one more. */
  async refresh(): Promise<void> {
    if (this.#loading) {
      this.#stale = true;
      return;
    }
    const summary = this.#model.summary.value;
    if (summary === null || summary.cpus.length === 0) return;
    this.#loading = true;
    const range = this.#model.bounds;
    const lanes = summary.cpus.slice(0, mostCpus).map((cpu) => ({ kind: 'cpu', cpu }) as const);
    const answer = await this.#client.ask('viewport', { range, widthPx: 1200, lanes });
    this.#loading = false;
    if (answer !== undefined) {
      this.#dataRange = range;
      this.#lanes = new Map();
      for (const lane of answer.lanes)
        if (lane.lane.kind === 'cpu' && isLane(lane)) this.#lanes.set(lane.lane.cpu, lane);
      this.#onData();
    }
    if (this.#stale) {
      this.#stale = false;
      await this.refresh();
    }
  }

  draw(theme: Theme, width: number, height: number, ratio: number): void {
    this.#width = width;
    this.#canvas.width = Math.max(1, Math.round(width * ratio));
    this.#canvas.height = Math.max(1, Math.round(height * ratio));
    const context = this.#canvas.getContext('2d');
    if (context === null) return;
    const limits = fitted(this.#model.bounds);
    const columns = this.#canvas.width;
    const busy = utilisationColumns([...this.#lanes.values()], limits, columns);
    const full = this.#canvas.height - 3 * ratio;
    context.clearRect(0, 0, columns, this.#canvas.height);
    context.fillStyle = toCss(theme.accent, theme.highContrast ? 1 : 0.75);
    context.beginPath();
    context.moveTo(0, this.#canvas.height);
    for (let x = 0; x < columns; x++) context.lineTo(x + 0.5, this.#canvas.height - busy[x]! * full);
    context.lineTo(columns, this.#canvas.height);
    context.fill();
    context.fillStyle = toCss(theme.red);
    for (const loss of this.#model.summary.value?.losses ?? []) {
      const x = xOfTime(loss.startNs, limits, columns);
      context.fillRect(x, 0, Math.max(2 * ratio, xOfTime(loss.endNs, limits, columns) - x), 3 * ratio);
    }
    this.place();
  }

  /** Puts the window where the view is. */
  place(): void {
    const limits = fitted(this.#model.bounds);
    put(this.#window, this.#model.view.value, limits, this.#width, 6);
    const selection = this.#model.selection.value;
    this.#range.hidden = selection === null;
    if (selection !== null) put(this.#range, selection, limits, this.#width, 2);
  }

  /** The range that the coarse slices were asked for. */
  get dataRange(): TimeRange {
    return this.#dataRange;
  }

  #drag(down: PointerEvent): void {
    if (down.button !== 0) return;
    down.preventDefault();
    this.element.setPointerCapture(down.pointerId);
    const { left } = this.element.getBoundingClientRect();
    const limits = fitted(this.#model.bounds);
    const view = this.#model.view.value;
    const at = timeOfX(down.clientX - left, limits, this.#width);
    // Beside the window the view jumps there; on it, it is taken along from where it was held.
    const held = at >= view.startNs && at <= view.endNs ? at - view.startNs : span(view) / 2;
    const move = (clientX: number) => {
      const startNs = timeOfX(clientX - left, limits, this.#width) - held;
      this.#moveTo({ startNs, endNs: startNs + span(view) });
    };
    move(down.clientX);
    const onMove = (event: PointerEvent) => move(event.clientX);
    const end = () => {
      this.element.removeEventListener('pointermove', onMove);
      this.element.removeEventListener('lostpointercapture', end);
    };
    this.element.addEventListener('pointermove', onMove);
    this.element.addEventListener('lostpointercapture', end);
  }
}

function put(box: HTMLElement, range: TimeRange, limits: TimeRange, width: number, leastPx: number): void {
  const left = xOfTime(range.startNs, limits, width);
  const size = Math.max(leastPx, xOfTime(range.endNs, limits, width) - left);
  box.style.transform = `translateX(${Math.min(Math.max(0, left), width - leastPx)}px)`;
  box.style.width = `${Math.min(size, width - Math.max(0, left))}px`;
}
