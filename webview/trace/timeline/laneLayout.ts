import type { LaneId } from '../../../src/protocol/traceMessages.js';

/** Heights in CSS px, gaps below included. */
export interface LaneHeights {
  readonly header: number;
  readonly cpu: number;
  readonly depth: number;
  readonly thread: number;
}

export const normalHeights: LaneHeights = { header: 24, cpu: 28, depth: 24, thread: 22 };
export const compactHeights: LaneHeights = { header: 22, cpu: 16, depth: 12, thread: 10 };

export type Section = 'cpus' | 'threads';

interface Place {
  readonly y: number;
  readonly height: number;
}
export type HeaderRow = Place & { readonly kind: 'header'; readonly section: Section };
/** `index` counts CPUs or threads in lane order. */
export type LaneRow<Kind extends LaneId['kind']> = Place & { readonly kind: Kind; readonly index: number };
export type Row = HeaderRow | LaneRow<'cpu'> | LaneRow<'depth'> | LaneRow<'thread'>;

export interface LayoutInput {
  readonly cpus: readonly number[];
  readonly threads: number;
  readonly showDepth: boolean;
  readonly collapsed: ReadonlySet<Section>;
  readonly heights: LaneHeights;
}

/**
 * Where every lane stands, by arithmetic alone: tens of thousands of thread lanes cost nothing until they are in
 * sight. `y` counts CSS px from the top of the first header.
 */
export class LaneLayout {
  readonly input: LayoutInput;
  readonly totalHeight: number;
  readonly #cpuPitch: number;
  readonly #cpuCount: number;
  readonly #threadCount: number;
  readonly #threadsHeaderY: number;

  constructor(input: LayoutInput) {
    this.input = input;
    const { heights } = input;
    this.#cpuPitch = heights.cpu + (input.showDepth ? heights.depth : 0);
    this.#cpuCount = input.collapsed.has('cpus') ? 0 : input.cpus.length;
    this.#threadCount = input.collapsed.has('threads') ? 0 : input.threads;
    this.#threadsHeaderY = heights.header + this.#cpuCount * this.#cpuPitch;
    this.totalHeight = this.#threadsHeaderY + heights.header + this.#threadCount * heights.thread;
  }

  /** The rows that touch `top`…`bottom`, from the top down. */
  rowsBetween(top: number, bottom: number): Row[] {
    const { heights, showDepth } = this.input;
    const rows: Row[] = [];
    if (top < heights.header) rows.push({ kind: 'header', section: 'cpus', y: 0, height: heights.header });
    const [firstCpu, lastCpu] = this.#indexes(top, bottom, heights.header, this.#cpuPitch, this.#cpuCount);
    for (let index = firstCpu; index < lastCpu; index++) {
      const y = heights.header + index * this.#cpuPitch;
      rows.push({ kind: 'cpu', index, y, height: heights.cpu });
      if (showDepth) rows.push({ kind: 'depth', index, y: y + heights.cpu, height: heights.depth });
    }
    const headerEnd = this.#threadsHeaderY + heights.header;
    if (bottom > this.#threadsHeaderY && top < headerEnd) {
      rows.push({ kind: 'header', section: 'threads', y: this.#threadsHeaderY, height: heights.header });
    }
    const [firstThread, lastThread] = this.#indexes(
      top,
      bottom,
      headerEnd,
      heights.thread,
      this.#threadCount,
    );
    for (let index = firstThread; index < lastThread; index++) {
      rows.push({ kind: 'thread', index, y: this.threadY(index), height: heights.thread });
    }
    return rows;
  }

  rowAt(y: number): Row | undefined {
    return this.rowsBetween(y, y + 0.001).find((row) => y >= row.y && y < row.y + row.height);
  }

  threadY(index: number): number {
    return this.#threadsHeaderY + this.input.heights.header + index * this.input.heights.thread;
  }

  /** The row of a CPU's lane, in sight or not; undefined when it is collapsed. */
  cpuRow(cpu: number): Row | undefined {
    const index = this.input.cpus.indexOf(cpu);
    if (index < 0 || index >= this.#cpuCount) return undefined;
    const { header, cpu: height } = this.input.heights;
    return { kind: 'cpu', index, y: header + index * this.#cpuPitch, height };
  }

  #indexes(top: number, bottom: number, start: number, pitch: number, count: number): [number, number] {
    const first = Math.max(0, Math.min(count, Math.floor((top - start) / pitch)));
    const last = Math.max(first, Math.min(count, Math.ceil((bottom - start) / pitch)));
    return [first, last];
  }
}

/** The lane that a row shows; undefined for headers and for threads whose place is not known yet. */
export function laneOfRow(
  row: Row,
  cpus: readonly number[],
  threadAt: (index: number) => number | undefined,
): LaneId | undefined {
  if (row.kind === 'header') return undefined;
  if (row.kind === 'thread') {
    const thread = threadAt(row.index);
    return thread === undefined ? undefined : { kind: 'thread', thread };
  }
  return { kind: row.kind, cpu: cpus[row.index]! };
}
