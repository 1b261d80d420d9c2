import { element } from '../../common/dom.js';
import { formatCount, formatShare } from '../../common/format.js';
import type { Signal } from '../../common/signal.js';
import type { Theme } from '../../common/theme.js';
import type { Forecast } from '../../../src/protocol/forecast.js';
import { taskCame, taskShares, tellsTasks } from '../model/figures.js';
import type { ForecastModel } from '../model/forecastModel.js';
import { eventTitle, sentence, taskText } from '../model/words.js';
import { EventAxis } from '../panels/eventAxis.js';
import { EventTooltip } from '../panels/eventTooltip.js';
import { drawStrip, plotOf, rowAt, stripHeight, topOf } from './drawStrip.js';
import { nextWrong, rightAt, stripRows, type StripRow } from './stripRows.js';

/** The strip of tasks on a canvas, with its pointer and keys. */
export class StripArea {
  readonly element: HTMLElement;
  readonly axis: EventAxis;
  readonly #canvas = element('canvas', { className: 'strip-canvas', attributes: { role: 'img' } });
  readonly #tooltip = new EventTooltip();
  #rows: readonly StripRow[] = [];
  /** The row that the cursor is in. */
  #row = 0;
  #isQueued = false;

  constructor(
    private readonly model: ForecastModel,
    private readonly theme: Signal<Theme>,
  ) {
    this.element = element(
      'div',
      {
        className: 'strip-area',
        attributes: { role: 'application', tabindex: '0', 'aria-roledescription': 'strip of tasks' },
      },
      this.#canvas,
      this.#tooltip.element,
    );
    this.axis = new EventAxis(model, {
      element: this.element,
      plot: () => plotOf(this.element.clientWidth),
      point: (event, at) => {
        if (event !== null) this.#row = rowAt(at.y, this.#rows.length);
        model.cursor.set(event);
        if (event === null) this.#tooltip.hide();
        else this.#show(event, at);
        this.#redraw();
      },
      moved: () => this.#tell(),
      key: (event) => this.#onKey(event),
    });
    this.element.addEventListener('blur', () => this.#tooltip.hide());
    new ResizeObserver(() => this.#redraw()).observe(this.element);
    for (const signal of [model.forecast, model.showsSamples]) {
      (signal as Signal<unknown>).subscribe(() => this.#anew());
    }
    for (const signal of [model.range, model.cursor, theme]) {
      (signal as Signal<unknown>).subscribe(() => this.#redraw());
    }
  }

  get picture(): HTMLCanvasElement | null {
    return this.#canvas.width === 0 || this.#rows.length === 0 ? null : this.#canvas;
  }

  #anew(): void {
    const { value } = this.model.forecast;
    this.#rows = value === null || !tellsTasks(value) ? [] : stripRows(value, this.model.showsSamples.value);
    this.#row = Math.min(this.#row, Math.max(0, this.#rows.length - 1));
    this.#redraw();
  }

  #onKey({ key }: KeyboardEvent): boolean {
    const forecast = this.model.forecast.value;
    const row = this.#rows[Math.max(1, this.#row)];
    if (forecast === null || row === undefined) return false;
    const at = this.model.cursor.value ?? 0;
    if (key === 'ArrowUp' || key === 'ArrowDown') {
      this.#row = Math.min(this.#rows.length - 1, Math.max(0, this.#row + (key === 'ArrowUp' ? -1 : 1)));
      this.axis.moveTo(at);
    } else if (key === 'n' || key === 'p') {
      const next = nextWrong(forecast, row, at, key === 'n' ? 1 : -1);
      if (next === null)
        this.model.announcement.set(`${row.label} was not wrong any more in this direction.`);
      else {
        this.#row = this.#rows.indexOf(row);
        this.axis.moveTo(next);
      }
    } else if (key === 'Escape') this.#tooltip.hide();
    else return false;
    this.#redraw();
    return true;
  }

  #tell(): void {
    const [forecast, cursor] = [this.model.forecast.value, this.model.cursor.value];
    const row = this.#rows[this.#row];
    if (forecast === null || cursor === null || row === undefined) return;
    this.#show(cursor, { x: this.axis.xOf(cursor), y: topOf(this.#row) + 10 });
    this.model.announcement.set(
      sentence(`${eventTitle(cursor)}, ${row.label}`, cellLines(forecast, row, cursor)),
    );
  }

  #show(event: number, at: { readonly x: number; readonly y: number }): void {
    const { value } = this.model.forecast;
    const row = this.#rows[this.#row];
    if (value !== null && row !== undefined)
      this.#tooltip.show(eventTitle(event), cellLines(value, row, event), at);
  }

  #redraw(): void {
    if (this.#isQueued) return;
    this.#isQueued = true;
    requestAnimationFrame(() => {
      this.#isQueued = false;
      this.#draw();
    });
  }

  #draw(): void {
    const { model } = this;
    const forecast = model.forecast.value;
    const width = this.element.clientWidth;
    if (forecast === null || this.#rows.length === 0 || width === 0) return;
    const ratio = window.devicePixelRatio;
    const height = stripHeight(this.#rows.length);
    const canvas = this.#canvas;
    const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (canvas.width !== wide || canvas.height !== high) Object.assign(canvas, { width: wide, height: high });
    canvas.style.height = `${height}px`;
    const context = canvas.getContext('2d');
    if (context === null) throw new Error('This browser cannot draw.');
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    const event = model.cursor.value;
    drawStrip(context, {
      forecast,
      rows: this.#rows,
      range: model.shownRange,
      cursor: event === null ? null : { event, row: this.#row },
      width,
      theme: this.theme.value,
    });
    const description = describe(forecast);
    canvas.setAttribute('aria-label', description);
    this.element.setAttribute('aria-label', description);
  }
}

/** What a cell is, a line each. */
export function cellLines(forecast: Forecast, row: StripRow, event: number): [string, string][] {
  if (event <= 0) return [['observed', taskText(forecast, taskCame(forecast, event))]];
  const came: [string, string] = ['came', taskText(forecast, taskCame(forecast, event))];
  if (!row.isForecast) return [came];
  const share = row.share(event);
  const name = taskText(forecast, row.task(event));
  const right = rightAt(forecast, row, event);
  return [
    [row.label, share === null ? name : `${name} (${formatShare(share)} of the samples)`],
    came,
    ...(right === null ? [] : ([['verdict', right ? 'right' : 'wrong']] as [string, string][])),
  ];
}

/** The strip in words; what its cells hold is told by the cursor. */
function describe(forecast: Forecast): string {
  const shares = taskShares(forecast).at(-1);
  const right =
    shares === undefined
      ? ''
      : ` Of the first ${formatCount(shares.events)} the commonest task of each step was right at ${formatShare(shares.commonest)}.`;
  return `Tasks of ${forecast.observed.task.length} observed events and of ${forecast.steps} that are forecast in ${forecast.samples.length} samples.${right} Arrow keys move, n and p step through what was wrong, plus and minus zoom, 0 shows all.`;
}
