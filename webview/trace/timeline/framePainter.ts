import type { CpuRow, Loss, TimeRange, TraceSummary } from '../../../src/protocol/traceMessages.js';
import type { Signal } from '../../common/signal.js';
import type { Theme } from '../../common/theme.js';
import type { ThreadDirectory } from '../model/threadDirectory.js';
import type { MigrationLayer } from '../migrations/migrationLayer.js';
import type { TraceModel } from '../model/traceModel.js';
import { depthTop } from './drawDepthLane.js';
import { drawMarks } from './drawMarks.js';
import { drawRuler, rulerTicks } from './drawRuler.js';
import type { Gutter } from './gutter.js';
import { laneOfRow, type LaneLayout, type Section } from './laneLayout.js';
import { LaneRenderer, type VisibleLane } from './laneRenderer.js';
import type { LaneStore } from './laneStore.js';
import type { Minimap } from './minimap.js';
import type { Palette } from './palette.js';
import { lossesByCpu } from './segments.js';
import type { TimelineDom } from './timelineDom.js';

/** Lanes asked for above and below those in sight, CSS px. */
const spareLanesPx = 200;

export interface PainterDeps {
  readonly model: TraceModel;
  readonly directory: ThreadDirectory;
  readonly theme: Signal<Theme>;
  readonly cpuRows: Signal<readonly CpuRow[]>;
  readonly dom: TimelineDom;
  readonly gutter: Gutter;
  readonly minimap: Minimap;
  readonly store: LaneStore;
  readonly migrations: MigrationLayer;
}

export interface FrameInput {
  readonly layout: LaneLayout;
  readonly palette: Palette;
  readonly selection: TimeRange | null;
  /** CSS px, as width and height. */
  readonly scrollTop: number;
  readonly width: number;
  readonly height: number;
  readonly ratio: number;
  readonly collapsed: ReadonlySet<Section>;
}

/** Paints one frame of the timeline and asks for the data that it lacked. */
export class FramePainter {
  readonly #deps: PainterDeps;
  readonly #renderer = new LaneRenderer();
  readonly #lanes: CanvasRenderingContext2D;
  readonly #ruler: CanvasRenderingContext2D;
  #losses = new Map<number, Loss[]>();
  #lossesOf: TraceSummary | null = null;

  constructor(deps: PainterDeps) {
    this.#deps = deps;
    this.#lanes = contextOf(deps.dom.canvas);
    this.#ruler = contextOf(deps.dom.ruler);
  }

  /** Returns the lanes that are in sight. */
  paint(input: FrameInput): readonly VisibleLane[] {
    const { model, directory, store, minimap, dom, migrations } = this.#deps;
    const { layout, scrollTop, palette, ratio } = input;
    const view = model.view.value;
    const { width, height } = dom.canvas;
    const lanes = this.#lanesBetween(layout, scrollTop, scrollTop + input.height);
    const near = this.#lanesBetween(
      layout,
      Math.max(0, scrollTop - spareLanesPx),
      scrollTop + input.height + spareLanesPx,
    );
    store.want(
      view,
      model.bounds,
      width,
      near.flatMap(({ lane }) => (lane === undefined ? [] : [lane])),
    );
    migrations.want(
      view,
      input.width,
      near.flatMap(({ lane }) => (lane?.kind === 'cpu' ? [lane.cpu] : [])),
    );
    this.#followLosses();
    const top = this.#depthTop(lanes);
    const common = { view, bounds: model.bounds, lanes, scrollTop, width, height, ratio, palette };
    this.#renderer.draw(this.#lanes, {
      ...common,
      gridOffsets: rulerTicks(view, input.width, model.baseNs, model.timeMode.value).offsets,
      thread: model.thread.value,
      depthTop: top,
      segmentsOf: (lane) => store.get(lane),
      overviewOf: (cpu) => minimap.segments(cpu),
      lossesOf: (cpu) => this.#losses.get(cpu) ?? [],
      nameOf: (thread) => directory.name(thread),
    });
    const cpuRow = (cpu: number) => layout.cpuRow(cpu);
    migrations.draw(this.#lanes, { ...common, theme: palette.theme, cpuRow });
    drawMarks(this.#lanes, {
      ...common,
      selection: input.selection,
      slice: model.slice.value,
      cpuRow,
    });
    this.#drawRuler(input);
    this.#drawGutter(input, lanes, top);
    return lanes;
  }

  #lanesBetween(layout: LaneLayout, top: number, bottom: number): VisibleLane[] {
    const { directory } = this.#deps;
    return layout.rowsBetween(top, bottom).map((row) => ({
      row,
      lane: laneOfRow(row, layout.input.cpus, (index) => directory.threadAt(index)),
    }));
  }

  #followLosses(): void {
    const summary = this.#deps.model.summary.value;
    if (summary === this.#lossesOf) return;
    this.#lossesOf = summary;
    this.#losses = lossesByCpu(summary?.losses ?? []);
  }

  #drawRuler({ ratio, selection, width }: FrameInput): void {
    const { model, theme, dom } = this.#deps;
    this.#ruler.setTransform(ratio, 0, 0, ratio, 0, 0);
    drawRuler(this.#ruler, {
      view: model.view.value,
      selection,
      losses: model.summary.value?.losses ?? [],
      baseNs: model.baseNs,
      mode: model.timeMode.value,
      theme: theme.value,
      width,
      height: dom.ruler.height / ratio,
    });
  }

  #drawGutter(input: FrameInput, lanes: readonly VisibleLane[], top: number): void {
    const { model, directory, cpuRows, theme, gutter } = this.#deps;
    gutter.draw({
      lanes,
      scrollTop: input.scrollTop,
      themeKind: theme.value.kind,
      cpus: input.layout.input.cpus,
      threads: directory.total.value,
      threadFilter: directory.filter.value,
      hasWakeups: model.summary.value?.hasWakeups ?? false,
      collapsed: input.collapsed,
      depthTop: top,
      thread: model.thread.value,
      nameOf: (thread) => directory.name(thread),
      cpuRow: (cpu) => cpuRows.value.find((row) => row.cpu === cpu),
    });
  }

  /** One scale for all run queues in sight, so that they can be compared. */
  #depthTop(lanes: readonly VisibleLane[]): number {
    let deepest = 0;
    for (const { lane } of lanes) {
      if (lane?.kind === 'depth') deepest = Math.max(deepest, this.#deps.store.get(lane)?.deepest ?? 0);
    }
    return depthTop(deepest);
  }
}

function contextOf(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const context = canvas.getContext('2d', { alpha: false });
  if (context === null) throw new Error('This browser has no 2D canvas.');
  return context;
}
