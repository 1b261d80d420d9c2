import {
  MIGRATION_KINDS,
  MigrationKind,
  type MigrationDetail,
  type MigrationMarks,
} from '../../../src/protocol/timelineMigrations.js';
import type { TimeRange } from '../../../src/protocol/traceMessages.js';
import { toCss } from '../../common/colour.js';
import type { Theme } from '../../common/theme.js';
import type { Row } from '../timeline/laneLayout.js';
import { boxOfRow, type VisibleLane } from '../timeline/laneRenderer.js';
import type { Box } from '../timeline/pixelSurface.js';
import { xOfTime } from '../timeline/viewport.js';
import { addGlyph, colourOf, glyphHeight, paintGlyphs } from './markGlyphs.js';
import { markX } from './markHit.js';

export interface MigrationScene {
  readonly view: TimeRange;
  readonly lanes: readonly VisibleLane[];
  /** CSS px. */
  readonly scrollTop: number;
  /** Device pixels. */
  readonly width: number;
  readonly ratio: number;
  readonly theme: Theme;
  readonly marksOf: (cpu: number) => MigrationMarks | undefined;
  readonly selected: MigrationDetail | null;
  /** The row of a CPU's lane, in sight or not; undefined when it is collapsed. */
  readonly cpuRow: (cpu: number) => Row | undefined;
}

/** A mark as it is drawn, device pixels. */
export interface PlacedMark {
  readonly x: number;
  readonly y: number;
  /** Of the bar below it that tells how many there are; 0 for one. */
  readonly barHeight: number;
  /** Of the stem that only forced ones have. */
  readonly stemHeight: number;
}

/** Doublings of the number after which a bar fills its lane. */
const fullBarDoublings = 10;

/** Where the marks of one kind stand on a lane. The number of them is that of the columns in sight, not of the migrations. */
export function placeMarks(
  marks: MigrationMarks,
  kind: MigrationKind,
  box: Box,
  { view, width, ratio }: Pick<MigrationScene, 'view' | 'width' | 'ratio'>,
): PlacedMark[] {
  const height = glyphHeight(kind) * ratio;
  const isRefused = kind === MigrationKind.Refused;
  const y = isRefused ? box.y + box.height - height : box.y - ratio;
  const room = Math.max(0, box.height - height);
  const placed: PlacedMark[] = [];
  for (let index = 0; index < marks.kind.length; index++) {
    if (marks.kind[index] !== kind) continue;
    const x = Math.round(markX(marks, index, view, width));
    if (x < -8 * ratio || x > width + 8 * ratio) continue;
    const share = Math.min(1, Math.log2(marks.count[index]!) / fullBarDoublings);
    placed.push({
      x,
      y,
      barHeight: isRefused ? 0 : Math.round(share * room),
      stemHeight: kind === MigrationKind.Forced ? room : 0,
    });
  }
  return placed;
}

/** The marks of all lanes in sight, kind by kind: forced ones are above all others. Then what is selected. */
export function drawMigrations(context: CanvasRenderingContext2D, scene: MigrationScene): void {
  for (const kind of MIGRATION_KINDS) {
    const path = new Path2D();
    let isEmpty = true;
    for (const { row, lane } of scene.lanes) {
      const marks = lane?.kind === 'cpu' ? scene.marksOf(lane.cpu) : undefined;
      if (marks === undefined) continue;
      for (const mark of placeMarks(marks, kind, boxOfRow(row, scene.scrollTop, scene.ratio), scene)) {
        drawBars(context, mark, kind, scene);
        addGlyph(path, kind, mark.x, mark.y, scene.ratio);
        isEmpty = false;
      }
    }
    if (!isEmpty) paintGlyphs(context, path, kind, scene.theme, scene.ratio);
  }
  if (scene.selected !== null) drawSelected(context, scene, scene.selected);
}

function drawBars(
  context: CanvasRenderingContext2D,
  { x, y, barHeight, stemHeight }: PlacedMark,
  kind: MigrationKind,
  { theme, ratio }: MigrationScene,
): void {
  const top = y + glyphHeight(kind) * ratio;
  const bar = (width: number, height: number) => {
    if (height <= 0) return;
    context.fillStyle = toCss(theme.background);
    context.fillRect(x - width / 2 - ratio, top, width + 2 * ratio, height);
    context.fillStyle = colourOf(kind, theme);
    context.fillRect(x - width / 2, top, width, height);
  };
  bar(ratio, stemHeight);
  bar(4 * ratio, barHeight);
}

/** A line from the CPU that the task leaves to the one it goes to, and a ring around its mark. */
function drawSelected(
  context: CanvasRenderingContext2D,
  scene: MigrationScene,
  { kind, atNs, fromCpu, toCpu }: MigrationDetail,
): void {
  const { view, width, ratio, theme, scrollTop } = scene;
  const to = scene.cpuRow(toCpu);
  const x = xOfTime(atNs, view, width);
  if (to === undefined || x < 0 || x > width) return;
  const goal = boxOfRow(to, scrollTop, ratio);
  const y = kind === MigrationKind.Refused ? goal.y + goal.height - 3 * ratio : goal.y + 4 * ratio;
  const path = new Path2D();
  const from = fromCpu === null ? undefined : scene.cpuRow(fromCpu);
  if (from !== undefined) {
    const source = boxOfRow(from, scrollTop, ratio);
    const begin = source.y + source.height / 2;
    path.moveTo(x + 3 * ratio, begin);
    path.arc(x, begin, 3 * ratio, 0, 2 * Math.PI);
    path.moveTo(x, begin);
    path.lineTo(x, y + (begin > y ? 9 : -9) * ratio);
  }
  path.moveTo(x + 9 * ratio, y);
  path.arc(x, y, 9 * ratio, 0, 2 * Math.PI);
  context.lineJoin = 'round';
  context.strokeStyle = toCss(theme.background);
  context.lineWidth = 5 * ratio;
  context.stroke(path);
  context.strokeStyle = toCss(theme.foreground);
  context.lineWidth = 2 * ratio;
  context.stroke(path);
}
