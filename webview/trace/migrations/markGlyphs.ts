import { MigrationKind } from '../../../src/protocol/timelineMigrations.js';
import { toCss } from '../../common/colour.js';
import type { Theme } from '../../common/theme.js';

/** The part of a context that glyphs need: tests count what is drawn. */
export type GlyphContext = Pick<
  CanvasRenderingContext2D,
  'fillStyle' | 'strokeStyle' | 'lineWidth' | 'lineJoin' | 'fill' | 'stroke' | 'fillRect'
>;

/** The part of a path that shapes are made of. */
export type GlyphPath = Pick<Path2D, 'moveTo' | 'lineTo' | 'closePath' | 'arc'>;

export function colourOf(kind: MigrationKind, theme: Theme): string {
  switch (kind) {
    case MigrationKind.Forced:
      return toCss(theme.red);
    case MigrationKind.Allowed:
      return toCss(theme.blue);
    case MigrationKind.Moved:
    case MigrationKind.Refused:
      return toCss(theme.foreground);
  }
}

/** Adds the shape of a kind to a path, its top at `y`; lengths in units of `ratio` device pixels a CSS px. */
export function addGlyph(path: GlyphPath, kind: MigrationKind, x: number, y: number, ratio: number): void {
  switch (kind) {
    case MigrationKind.Forced: {
      // A diamond: the only shape with a point at its top.
      const half = 5 * ratio;
      path.moveTo(x, y);
      path.lineTo(x + half, y + half);
      path.lineTo(x, y + 2 * half);
      path.lineTo(x - half, y + half);
      path.closePath();
      return;
    }
    case MigrationKind.Allowed:
      path.moveTo(x - 4 * ratio, y);
      path.lineTo(x + 4 * ratio, y);
      path.lineTo(x, y + 7 * ratio);
      path.closePath();
      return;
    case MigrationKind.Moved:
      path.moveTo(x + 2 * ratio, y + 3 * ratio);
      path.arc(x, y + 3 * ratio, 2 * ratio, 0, 2 * Math.PI);
      return;
    case MigrationKind.Refused:
      path.moveTo(x - ratio / 2, y);
      path.lineTo(x + ratio / 2, y);
      path.lineTo(x + ratio / 2, y + 4 * ratio);
      path.lineTo(x - ratio / 2, y + 4 * ratio);
      path.closePath();
      return;
  }
}

/** Height of a kind's shape, CSS px. */
export function glyphHeight(kind: MigrationKind): number {
  switch (kind) {
    case MigrationKind.Forced:
      return 10;
    case MigrationKind.Allowed:
      return 7;
    case MigrationKind.Moved:
      return 5;
    case MigrationKind.Refused:
      return 4;
  }
}

/** Puts shapes of one kind on the canvas: slices have any colour, so each stands on a rim of the background's. */
export function paintGlyphs(
  context: GlyphContext,
  path: Path2D,
  kind: MigrationKind,
  theme: Theme,
  ratio: number,
): void {
  context.lineJoin = 'round';
  if (kind !== MigrationKind.Refused) {
    context.strokeStyle = toCss(theme.background);
    context.lineWidth = (kind === MigrationKind.Moved ? 4 : 3) * ratio;
    context.stroke(path);
  }
  if (kind === MigrationKind.Moved) {
    // A ring: hollow where the decisions of the load balancer are filled.
    context.strokeStyle = colourOf(kind, theme);
    context.lineWidth = 1.5 * ratio;
    context.stroke(path);
    return;
  }
  context.fillStyle = colourOf(kind, theme);
  context.fill(path);
}
