import type { CpuRow, TimeRange } from '../../../src/protocol/traceMessages.js';
import type { Signal } from '../../common/signal.js';
import type { Theme } from '../../common/theme.js';
import type { ThreadDirectory } from '../model/threadDirectory.js';
import type { TraceClient } from '../model/traceClient.js';
import { MigrationLayer } from '../migrations/migrationLayer.js';
import type { TraceModel } from '../model/traceModel.js';
import { ViewAnimator } from './animator.js';
import { FramePainter } from './framePainter.js';
import { FrameStats } from './frameStats.js';
import { Gutter } from './gutter.js';
import { hideHover, hitTest, showHover, type Hit } from './hover.js';
import { compactHeights, LaneLayout, normalHeights, type Section } from './laneLayout.js';
import type { VisibleLane } from './laneRenderer.js';
import { LaneStore } from './laneStore.js';
import { Minimap } from './minimap.js';
import { Palette } from './palette.js';
import { attachLanes, attachRuler, type PointerTarget } from './pointer.js';
import { createTimelineDom, type TimelineDom } from './timelineDom.js';
import { Tooltip } from './tooltip.js';
import { clampView, fitted } from './viewport.js';

/** More device pixels than this a frame are drawn coarser: beyond, a frame takes longer than the screen allows. */
const mostPixels = 8e6;

export interface TimelineDeps {
  readonly model: TraceModel;
  readonly client: TraceClient;
  readonly directory: ThreadDirectory;
  readonly theme: Signal<Theme>;
  readonly cpuRows: Signal<readonly CpuRow[]>;
  /** What is in the corner above the lanes' names. */
  readonly corner: HTMLElement;
  readonly onClick: (hit: Hit | null) => void;
  readonly onDoubleClick: (hit: Hit | null) => void;
  readonly onMenuPress: (hit: Hit | null) => void;
}

/** The timeline: lanes, their names, the ruler and the overview, drawn once a frame when something has changed. */
export class TimelineView {
  readonly element: HTMLElement;
  readonly tooltip = new Tooltip();
  readonly stats = new FrameStats();
  readonly #deps: TimelineDeps;
  readonly #dom: TimelineDom;
  readonly #gutter: Gutter;
  readonly #minimap: Minimap;
  readonly #store: LaneStore;
  readonly #migrations: MigrationLayer;
  /** Where the pointer rests on the lanes: what it is told there may still arrive. */
  #pointer: { readonly event: PointerEvent; readonly x: number; readonly y: number } | null = null;
  readonly #animator = new ViewAnimator();
  readonly #painter: FramePainter;
  readonly #collapsed = new Set<Section>();
  #palette: Palette;
  #layout: LaneLayout;
  #lanes: readonly VisibleLane[] = [];
  #compact = false;
  #width = 0;
  #height = 0;
  #ratio = 1;
  #draft: TimeRange | null = null;
  #frameQueued = false;
  #minimapDirty = true;
  #touched = false;
  /** View of an earlier life, until as much has been read again. */
  #restored: TimeRange | null = null;

  constructor(deps: TimelineDeps) {
    this.#deps = deps;
    const { model, directory } = deps;
    this.#gutter = new Gutter({
      toggle: (section) => this.#toggle(section),
      selectThread: (thread) => model.thread.set(model.thread.value === thread ? null : thread),
      clearFilter: () => directory.setFilter(''),
    });
    this.#minimap = new Minimap(
      deps.client,
      model,
      (view) => this.setView(view),
      () => this.#invalidateMinimap(),
    );
    this.#dom = createTimelineDom(deps.corner, this.#minimap.element, this.#gutter.element);
    this.element = this.#dom.root;
    this.#store = new LaneStore(deps.client, () => this.invalidate());
    this.#migrations = new MigrationLayer(model, deps.client);
    this.#migrations.onData = () => {
      this.invalidate();
      if (this.#pointer !== null) this.#hover(this.#pointer.event, this.#pointer.x, this.#pointer.y);
    };
    this.#painter = new FramePainter({
      ...deps,
      dom: this.#dom,
      gutter: this.#gutter,
      minimap: this.#minimap,
      store: this.#store,
      migrations: this.#migrations,
    });
    this.#palette = this.#newPalette();
    this.#layout = this.#newLayout();
    this.#attach();
  }

  get area(): HTMLElement {
    return this.#dom.area;
  }

  get width(): number {
    return this.#width;
  }

  get compact(): boolean {
    return this.#compact;
  }

  /** Where the view is, or is moving to. */
  get target(): TimeRange {
    return this.#animator.target ?? this.#deps.model.view.value;
  }

  /** Whether the user, now or in an earlier life, has chosen a view: it is then left alone while more is read. */
  get touched(): boolean {
    return this.#touched;
  }

  /** Shows what an earlier life of this view showed, as soon as that has been read. */
  restore(view: TimeRange): void {
    this.#touched = true;
    this.#restored = view;
  }

  setCompact(compact: boolean): void {
    this.#compact = compact;
    this.#relayout();
  }

  /** Shows a time range at once, as far as the recording goes. */
  setView(view: TimeRange): void {
    this.#touched = true;
    this.#restored = null;
    this.#animator.stop();
    this.#deps.model.view.set(clampView(view, this.#deps.model.bounds));
  }

  /** Moves to a time range smoothly, unless the user prefers no motion. */
  goTo(view: TimeRange): void {
    this.#touched = true;
    this.#restored = null;
    const target = clampView(view, this.#deps.model.bounds);
    if (matchMedia('(prefers-reduced-motion: reduce)').matches) {
      this.setView(target);
      return;
    }
    this.#animator.start(target, performance.now());
    this.invalidate();
  }

  scrollBy(dy: number): void {
    this.#dom.scroller.scrollTop += dy;
  }

  /** Scrolls so that a thread's lane is in sight. */
  async revealThread(thread: number): Promise<void> {
    const index = await this.#deps.directory.indexOf(thread);
    if (index < 0) return;
    if (this.#collapsed.has('threads')) this.#toggle('threads');
    this.#relayout();
    const y = this.#layout.threadY(index);
    const { scrollTop } = this.#dom.scroller;
    const visible = y >= scrollTop && y + this.#layout.input.heights.thread <= scrollTop + this.#height;
    if (!visible) this.#dom.scroller.scrollTop = y - this.#height / 2;
  }

  /** Scrolls so that a CPU's lane is in sight. */
  revealCpu(cpu: number): void {
    const row = this.#layout.cpuRow(cpu);
    if (row === undefined) return;
    const { scrollTop } = this.#dom.scroller;
    const isInSight = row.y >= scrollTop && row.y + row.height <= scrollTop + this.#height;
    if (!isInSight) this.#dom.scroller.scrollTop = row.y - this.#height / 2;
  }

  /** Draws in the next frame. */
  invalidate(): void {
    if (this.#frameQueued) return;
    this.#frameQueued = true;
    requestAnimationFrame((nowMs) => this.#frame(nowMs));
  }

  #attach(): void {
    const { model, directory, theme, cpuRows } = this.#deps;
    const redraw = () => this.invalidate();
    const target: PointerTarget = {
      view: () => model.view.value,
      width: () => Math.max(1, this.#width),
      setView: (view) => this.setView(view),
      scrollBy: (dy) => this.scrollBy(dy),
      hover: (event, x, y) => this.#hover(event, x, y),
      leave: () => {
        this.#pointer = null;
        hideHover(this.#dom, this.tooltip);
      },
      click: (x, y) => this.#deps.onClick(this.#hit(x, y)),
      doubleClick: (x, y) => this.#deps.onDoubleClick(this.#hit(x, y)),
      menuPress: (x, y) => this.#deps.onMenuPress(this.#hit(x, y)),
      selection: () => model.selection.value,
      draft: (range) => {
        this.#draft = range;
        redraw();
      },
      select: (range) => {
        this.#draft = null;
        model.selection.set(range);
        redraw();
      },
    };
    attachLanes(this.#dom.area, target);
    attachRuler(this.#dom.ruler, target);
    this.#dom.scroller.addEventListener('scroll', redraw, { passive: true });
    for (const signal of [model.view, model.selection, model.slice, model.timeMode, cpuRows])
      signal.subscribe(redraw);
    model.thread.subscribe((thread) => {
      this.#palette.emphasise(thread);
      redraw();
    });
    model.summary.subscribe(() => this.#onSummary());
    directory.changed.subscribe(() => {
      this.#palette.forget();
      redraw();
    });
    directory.total.subscribe(() => this.#relayout());
    directory.filter.subscribe(() => this.#relayout());
    theme.subscribe(() => {
      this.#palette = this.#newPalette();
      this.#invalidateMinimap();
    });
    new ResizeObserver(() => this.#invalidateMinimap()).observe(this.#dom.scroller);
    new ResizeObserver(() => this.#invalidateMinimap()).observe(this.#dom.area);
  }

  #newPalette(): Palette {
    const palette = new Palette(this.#deps.theme.value, (thread) => this.#deps.directory.name(thread)?.comm);
    palette.emphasise(this.#deps.model.thread.value);
    return palette;
  }

  #newLayout(): LaneLayout {
    const summary = this.#deps.model.summary.value;
    return new LaneLayout({
      cpus: summary?.cpus ?? [],
      threads: this.#deps.directory.total.value,
      showDepth: summary?.hasWakeups ?? false,
      collapsed: this.#collapsed,
      heights: this.#compact ? compactHeights : normalHeights,
    });
  }

  #relayout(): void {
    this.#layout = this.#newLayout();
    this.#dom.spacer.style.height = `${Math.max(0, this.#layout.totalHeight - this.#height)}px`;
    this.invalidate();
  }

  #toggle(section: Section): void {
    if (!this.#collapsed.delete(section)) this.#collapsed.add(section);
    this.#relayout();
  }

  #onSummary(): void {
    const { model } = this.#deps;
    this.#store.outdate();
    // Until the user looks somewhere, the view grows with what has been read.
    model.view.set(
      this.#touched ? clampView(this.#restored ?? model.view.value, model.bounds) : fitted(model.bounds),
    );
    this.#relayout();
    void this.#minimap.refresh();
  }

  #invalidateMinimap(): void {
    this.#minimapDirty = true;
    this.invalidate();
  }

  #measure(): void {
    const { scroller, area, canvas, ruler, sticky, head } = this.#dom;
    const height = scroller.clientHeight;
    if (height !== this.#height) {
      this.#height = height;
      sticky.style.height = `${height}px`;
      this.#relayout();
    }
    // The scroll bar takes room from the lanes but not from the ruler above them.
    head.style.paddingRight = `${scroller.offsetWidth - scroller.clientWidth}px`;
    const width = area.clientWidth;
    const device = window.devicePixelRatio;
    const ratio = device > 1 && width * height * device * device > mostPixels ? 1 : Math.max(1, device);
    this.#width = width;
    this.#ratio = ratio;
    resize(canvas, width, height, ratio);
    resize(ruler, width, ruler.clientHeight, ratio);
  }

  #frame(nowMs: number): void {
    this.#frameQueued = false;
    const begun = performance.now();
    const { model } = this.#deps;
    if (this.#minimapDirty) this.#measure();
    if (this.#width <= 0 || this.#height <= 0 || model.summary.value === null) return;
    const moved = this.#animator.step(model.view.value, nowMs);
    if (moved !== null) model.view.set(moved);
    this.#draw();
    this.stats.record(nowMs, performance.now() - begun);
    if (this.#animator.target !== null) this.invalidate();
  }

  #draw(): void {
    const selection = this.#draft ?? this.#deps.model.selection.value;
    this.#lanes = this.#painter.paint({
      layout: this.#layout,
      palette: this.#palette,
      selection,
      scrollTop: this.#dom.scroller.scrollTop,
      width: this.#width,
      height: this.#height,
      ratio: this.#ratio,
      collapsed: this.#collapsed,
    });
    if (!this.#minimapDirty) {
      this.#minimap.place();
      return;
    }
    this.#minimapDirty = false;
    this.#minimap.draw(this.#deps.theme.value, this.#width, this.#minimap.element.clientHeight, this.#ratio);
  }

  #hit(x: number, y: number): Hit | null {
    return hitTest({
      x,
      y,
      view: this.#deps.model.view.value,
      width: this.#width,
      scrollTop: this.#dom.scroller.scrollTop,
      lanes: this.#lanes,
      losses: this.#deps.model.summary.value?.losses ?? [],
      segmentsOf: (lane) => this.#store.get(lane)?.segments,
      markOf: (visible, atY) =>
        this.#migrations.hit(visible, x, atY, this.#deps.model.view.value, this.#width),
    });
  }

  #hover(event: PointerEvent, x: number, y: number): void {
    const { model, directory, theme } = this.#deps;
    this.#pointer = { event, x, y };
    showHover(this.#dom, this.tooltip, event, x, {
      hit: this.#hit(x, y),
      view: model.view.value,
      width: this.#width,
      scrollTop: this.#dom.scroller.scrollTop,
      baseNs: model.baseNs,
      theme: theme.value,
      nameOf: (thread) => directory.name(thread),
      describeMark: (mark) => this.#migrations.describe(mark),
    });
  }
}

function resize(canvas: HTMLCanvasElement, width: number, height: number, ratio: number): void {
  const [deviceWidth, deviceHeight] = [
    Math.max(1, Math.round(width * ratio)),
    Math.max(1, Math.round(height * ratio)),
  ];
  if (canvas.width !== deviceWidth) canvas.width = deviceWidth;
  if (canvas.height !== deviceHeight) canvas.height = deviceHeight;
}
