import type { LayerView } from '../../../src/protocol/modelPanelMessages.js';

/** Px of the drawing. */
export const BOX = { width: 232, height: 46 } as const;
const GAP = { x: 24, y: 26 } as const;
const MARGIN = 12;
/** Between two ways that go around others. */
const LANE = 14;

export interface LayerBox {
  readonly layer: LayerView;
  /** Top left corner. */
  readonly x: number;
  readonly y: number;
}

export interface LayerEdge {
  readonly from: string;
  readonly to: string;
  /** Corners of the way, from the bottom of one box to the top of another. */
  readonly points: readonly { readonly x: number; readonly y: number }[];
  /** It goes around layers in between: a residual way. */
  readonly isAround: boolean;
}

export interface LayerLayout {
  /** From top to bottom, and from left to right. */
  readonly boxes: readonly LayerBox[];
  readonly edges: readonly LayerEdge[];
  readonly width: number;
  readonly height: number;
}

/**
 * Layers in rows: each below all that it reads, what is read just above its first reader, those of a row side by side. Ways that
 * skip rows run along the right-hand side, each in a lane of its own where they overlap.
 */
export function layerLayout(layers: readonly LayerView[]): LayerLayout {
  const rows = rowsOf(layers);
  const count = Math.max(0, ...rows.values()) + 1;
  const byRow = Array.from({ length: count }, (_, row) =>
    layers.filter(({ name }) => rows.get(name) === row),
  );
  const widest = Math.max(...byRow.map((row) => row.length), 1);
  const column = BOX.width + GAP.x;
  const innerWidth = widest * column - GAP.x;
  const boxes = byRow.flatMap((row, at) =>
    row.map((layer, place) => ({
      layer,
      x: MARGIN + (innerWidth - (row.length * column - GAP.x)) / 2 + place * column,
      y: MARGIN + at * (BOX.height + GAP.y),
    })),
  );
  const { edges, right } = edgesOf(layers, rows, boxes);
  return {
    boxes,
    edges,
    width: Math.max(MARGIN + innerWidth, right) + MARGIN,
    height: count * (BOX.height + GAP.y) - GAP.y + 2 * MARGIN,
  };
}

/** The row of each layer; a layer that names one that is not there reads nothing of it. */
function rowsOf(layers: readonly LayerView[]): Map<string, number> {
  const rows = new Map<string, number>();
  // Layers stand in the order in which values pass: what one reads stands before it.
  for (const { name, inputs } of layers) {
    rows.set(name, Math.max(-1, ...inputs.map((input) => rows.get(input) ?? -1)) + 1);
  }
  for (const { name, inputs } of layers) {
    if (inputs.some((input) => rows.has(input))) continue;
    const readers = layers.filter((each) => each.inputs.includes(name)).map((each) => rows.get(each.name)!);
    if (readers.length > 0) rows.set(name, Math.min(...readers) - 1);
  }
  return rows;
}

interface Way {
  readonly from: LayerBox;
  readonly to: LayerBox;
  readonly top: number;
  readonly bottom: number;
}

function edgesOf(
  layers: readonly LayerView[],
  rows: ReadonlyMap<string, number>,
  boxes: readonly LayerBox[],
): { readonly edges: LayerEdge[]; readonly right: number } {
  const boxOf = new Map(boxes.map((box) => [box.layer.name, box]));
  const edges: LayerEdge[] = [];
  const around: Way[] = [];
  for (const { name, inputs } of layers) {
    for (const input of inputs) {
      const [from, to] = [boxOf.get(input), boxOf.get(name)];
      const [top, bottom] = [rows.get(input), rows.get(name)];
      if (from === undefined || to === undefined || top === undefined || bottom === undefined) continue;
      if (bottom - top > 1) around.push({ from, to, top, bottom });
      else edges.push({ from: input, to: name, points: straight(from, to), isAround: false });
    }
  }
  const lanes = lanesOf(around);
  let right = 0;
  around.forEach(({ from, to, top, bottom }, at) => {
    // Right of all boxes that it passes.
    const passed = boxes.filter(
      ({ layer }) => rows.get(layer.name)! >= top && rows.get(layer.name)! <= bottom,
    );
    const x = Math.max(...passed.map((box) => box.x)) + BOX.width + (lanes[at]! + 1) * LANE;
    right = Math.max(right, x);
    edges.push({
      from: from.layer.name,
      to: to.layer.name,
      points: aroundTo(from, to, x),
      isAround: true,
    });
  });
  return { edges, right };
}

/** For each way the first lane in which none that overlaps runs. */
function lanesOf(ways: readonly Way[]): number[] {
  const ends: number[] = [];
  const order = ways.map((way, at) => ({ way, at })).sort((a, b) => a.way.top - b.way.top);
  const lanes = new Array<number>(ways.length).fill(0);
  for (const { way, at } of order) {
    let lane = ends.findIndex((end) => end <= way.top);
    if (lane < 0) lane = ends.length;
    ends[lane] = way.bottom;
    lanes[at] = lane;
  }
  return lanes;
}

function straight(from: LayerBox, to: LayerBox) {
  const start = { x: from.x + BOX.width / 2, y: from.y + BOX.height };
  const end = { x: to.x + BOX.width / 2, y: to.y };
  const middle = (start.y + end.y) / 2;
  return start.x === end.x ? [start, end] : [start, { x: start.x, y: middle }, { x: end.x, y: middle }, end];
}

function aroundTo(from: LayerBox, to: LayerBox, x: number) {
  // Where one way ends and another begins, both are to be seen.
  const startY = from.y + BOX.height * 0.7;
  const endY = to.y + BOX.height * 0.3;
  return [
    { x: from.x + BOX.width, y: startY },
    { x, y: startY },
    { x, y: endY },
    { x: to.x + BOX.width, y: endY },
  ];
}
