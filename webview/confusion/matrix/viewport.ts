/** What of a square matrix is in sight: how many px a cell takes, and which place of it is at the upper left corner. */
export interface MatrixView {
  readonly cellPx: number;
  /** In cells, may be broken. */
  readonly left: number;
  readonly top: number;
}

export interface PlotSize {
  readonly width: number;
  readonly height: number;
}

/** More is of no use: names and shares are legible well before. */
const MOST_CELL_PX = 96;
/** A matrix of two classes need not fill the window. */
const MOST_FITTED_PX = 48;

/** All of it. */
export function fitted(cells: number, plot: PlotSize): MatrixView {
  return clamped({ cellPx: fittedCellPx(cells, plot), left: 0, top: 0 }, cells, plot);
}

function fittedCellPx(cells: number, { width, height }: PlotSize): number {
  return Math.min(MOST_FITTED_PX, Math.min(width, height) / Math.max(1, cells));
}

/** Not smaller than what fits, and nothing beside the matrix where there is more of it. */
export function clamped(view: MatrixView, cells: number, plot: PlotSize): MatrixView {
  const cellPx = Math.min(MOST_CELL_PX, Math.max(view.cellPx, fittedCellPx(cells, plot)));
  const within = (from: number, sizePx: number) => Math.max(0, Math.min(from, cells - sizePx / cellPx));
  return { cellPx, left: within(view.left, plot.width), top: within(view.top, plot.height) };
}

/** Larger by a factor, with what is at (x, y) px of the plot staying there. */
export function zoomed(
  view: MatrixView,
  factor: number,
  at: { readonly x: number; readonly y: number },
  cells: number,
  plot: PlotSize,
): MatrixView {
  const { cellPx } = clamped({ ...view, cellPx: view.cellPx * factor }, cells, plot);
  const left = view.left + at.x / view.cellPx - at.x / cellPx;
  const top = view.top + at.y / view.cellPx - at.y / cellPx;
  return clamped({ cellPx, left, top }, cells, plot);
}

export function panned(
  view: MatrixView,
  byPx: { readonly x: number; readonly y: number },
  cells: number,
  plot: PlotSize,
): MatrixView {
  const { cellPx, left, top } = view;
  return clamped({ cellPx, left: left + byPx.x / cellPx, top: top + byPx.y / cellPx }, cells, plot);
}

/** Moved as little as brings a cell into sight. */
export function inSight(
  view: MatrixView,
  { row, column }: { readonly row: number; readonly column: number },
  cells: number,
  plot: PlotSize,
): MatrixView {
  const moved = (from: number, sizePx: number, place: number) => {
    const shown = sizePx / view.cellPx;
    return Math.min(place, Math.max(from, place + 1 - shown));
  };
  return clamped(
    { ...view, left: moved(view.left, plot.width, column), top: moved(view.top, plot.height, row) },
    cells,
    plot,
  );
}

/** The cell at a place of the plot; `null` beside the matrix. */
export function cellAt(
  view: MatrixView,
  at: { readonly x: number; readonly y: number },
  cells: number,
): { readonly row: number; readonly column: number } | null {
  const column = Math.floor(view.left + at.x / view.cellPx);
  const row = Math.floor(view.top + at.y / view.cellPx);
  return row < 0 || column < 0 || row >= cells || column >= cells || at.x < 0 || at.y < 0
    ? null
    : { row, column };
}

/** Every how many rows have their name written, so that names are `least` px apart. */
export function labelStep(cellPx: number, least: number): number {
  const step = Math.ceil(least / cellPx);
  // 1, 2, 5, 10, 20, … so that zooming does not shuffle the names.
  const power = 10 ** Math.floor(Math.log10(Math.max(1, step)));
  return [1, 2, 5, 10].map((each) => each * power).find((each) => each >= step) ?? step;
}
