import type {
  LaneId,
  LaneSegments,
  Loss,
  ThreadName,
  TimeRange,
} from '../../../src/protocol/traceMessages.js';
import { ColumnFill } from './columnFill.js';
import { LabelList, scaleOf, type Canvas } from './drawing.js';
import { drawCpuLane, drawLosses } from './drawCpuLane.js';
import { drawDepthLane } from './drawDepthLane.js';
import { drawLabels, TextMeasure } from './drawLabels.js';
import { drawThreadLane } from './drawThreadLane.js';
import type { CachedLane } from './fetchPlan.js';
import type { Row } from './laneLayout.js';
import type { Palette } from './palette.js';
import { PixelSurface, type Box } from './pixelSurface.js';

/** A row in sight with the lane it shows, if that is known. */
export interface VisibleLane {
  readonly row: Row;
  readonly lane: LaneId | undefined;
}

export interface Scene {
  readonly view: TimeRange;
  readonly bounds: TimeRange;
  readonly lanes: readonly VisibleLane[];
  /** CSS px that the lanes are scrolled by. */
  readonly scrollTop: number;
  /** Device pixels. */
  readonly width: number;
  readonly height: number;
  /** Device pixels a CSS px. */
  readonly ratio: number;
  readonly palette: Palette;
  readonly gridOffsets: readonly number[];
  readonly thread: number | null;
  /** Depth at the top of the run queue tracks. */
  readonly depthTop: number;
  readonly segmentsOf: (lane: LaneId) => CachedLane | undefined;
  /** Coarse slices of a CPU over the whole recording: drawn where nothing better is there yet. */
  readonly overviewOf: (cpu: number) => LaneSegments | undefined;
  readonly lossesOf: (cpu: number) => readonly Loss[];
  readonly nameOf: (thread: number) => ThreadName | undefined;
}

/** The part of a row that a lane's slices fill, device pixels. */
export function boxOfRow(row: Row, scrollTop: number, ratio: number): Box {
  const top = Math.round((row.y - scrollTop) * ratio);
  const bottom = Math.round((row.y + row.height - scrollTop) * ratio);
  const tight = row.height < 14;
  const above = row.kind === 'depth' ? 0 : Math.round((tight ? 1 : 3) * ratio);
  const below = Math.round((tight ? 1 : row.kind === 'depth' ? 5 : row.kind === 'cpu' ? 2 : 3) * ratio);
  return { y: top + above, height: Math.max(1, bottom - top - above - below) };
}

/** Draws the lanes of a frame: the picture first, then the text on it. */
export class LaneRenderer {
  readonly #surface = new PixelSurface();
  readonly #columns = new ColumnFill(this.#surface);
  readonly #measure = new TextMeasure();

  draw(context: CanvasRenderingContext2D, scene: Scene): void {
    const { palette, ratio, view, width } = scene;
    const surface = this.#surface;
    surface.resize(width, scene.height);
    surface.clear(palette.background);
    const scale = scaleOf(view, width);
    const canvas: Canvas = {
      surface,
      columns: this.#columns,
      palette,
      view,
      scale,
      ratio,
      labels: new LabelList(30 * ratio),
    };
    this.#drawGround(scene, scale);
    for (const { row, lane } of scene.lanes) {
      if (lane !== undefined) this.#drawLane(canvas, scene, row, lane);
    }
    surface.present(context);
    drawLabels(context, canvas.labels, palette, scene.nameOf, this.#measure, ratio);
  }

  #drawGround(scene: Scene, scale: number): void {
    const { palette, ratio, view, bounds, width, height } = scene;
    const surface = this.#surface;
    for (const { row, lane } of scene.lanes) {
      const top = Math.round((row.y - scene.scrollTop) * ratio);
      const bottom = Math.round((row.y + row.height - scene.scrollTop) * ratio);
      if (row.kind === 'header') surface.fillRect(0, top, width, bottom - top, palette.header);
      else if (lane?.kind === 'thread' && lane.thread === scene.thread) {
        surface.fillRect(0, top, width, bottom - top, palette.highlight);
      }
    }
    for (const offset of scene.gridOffsets) {
      surface.fillRect(Math.round((offset - view.startNs) * scale), 0, 1, height, palette.grid);
    }
    for (const { row } of scene.lanes) {
      if (row.kind === 'header') continue;
      const bottom = Math.round((row.y + row.height - scene.scrollTop) * ratio);
      // The line belongs below a CPU's run queue, not between the CPU and its queue.
      if (row.kind !== 'cpu') surface.fillRect(0, bottom - 1, width, 1, palette.line);
    }
    // Nothing was recorded before and after: the lanes end there.
    const left = Math.round((bounds.startNs - view.startNs) * scale);
    const right = Math.round((bounds.endNs - view.startNs) * scale);
    if (left > 0) surface.fillRect(0, 0, left, height, palette.line);
    if (right < width) surface.fillRect(right, 0, width - right, height, palette.line);
  }

  #drawLane(canvas: Canvas, scene: Scene, row: Row, lane: LaneId): void {
    const box = boxOfRow(row, scene.scrollTop, scene.ratio);
    const cached = scene.segmentsOf(lane);
    switch (lane.kind) {
      case 'cpu':
        this.#drawCpu(canvas, scene, lane.cpu, cached, box);
        return;
      case 'depth':
        if (cached !== undefined) drawDepthLane(canvas, cached.segments, box, scene.depthTop);
        return;
      case 'thread':
        if (cached !== undefined)
          drawThreadLane(canvas, cached.segments, box, scene.palette.plain(lane.thread));
        return;
    }
  }

  #drawCpu(canvas: Canvas, scene: Scene, cpu: number, cached: CachedLane | undefined, box: Box): void {
    const { view } = scene;
    const known = cached?.range ?? { startNs: view.endNs, endNs: view.endNs };
    const overview = scene.overviewOf(cpu);
    if (overview !== undefined) {
      const before = { startNs: view.startNs, endNs: Math.min(view.endNs, known.startNs) };
      const after = { startNs: Math.max(view.startNs, known.endNs), endNs: view.endNs };
      for (const part of [before, after])
        if (part.startNs < part.endNs) drawCpuLane(canvas, overview, box, part);
    }
    if (cached !== undefined) drawCpuLane(canvas, cached.segments, box, view);
    drawLosses(canvas, scene.lossesOf(cpu), box);
  }
}
