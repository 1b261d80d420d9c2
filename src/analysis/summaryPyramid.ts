/** What a pyramid summarises: leaves whose summaries are rows of `width` numbers, mergeable and 0 when empty. */
export interface LeafSummaries {
  /** Adds the whole leaves `[from, to)` to a summary. */
  addLeaves(sum: Float64Array, from: number, to: number): void;
  /** Adds the summary stored at `data[offset …]` to a summary. */
  merge(sum: Float64Array, data: Float64Array | Float32Array, offset: number): void;
}

/** One level: summaries of blocks of `fanout^(level + 1)` leaves, one after the other. */
interface Level {
  data: Float64Array | Float32Array;
  blocks: number;
}

/**
 * Summaries of blocks, of blocks of blocks, … of a list, so that any stretch of the list is summarised by at most
 * `2 · (fanout − 1)` parts a level, whatever its length. Only complete blocks are stored; they are built on
 * demand and stay valid while the list grows.
 */
export class SummaryPyramid {
  /** Leaves and blocks looked at since the start: a measure of cost for tests. */
  visited = 0;
  readonly #leaves: LeafSummaries;
  readonly #levels: Level[] = [];
  readonly #scratch: Float64Array;

  constructor(
    leaves: LeafSummaries,
    /** Numbers a summary has. */
    readonly width: number,
    readonly fanout: number,
    /** Whether blocks are kept in 32-bit floats (7 digits: enough for pixels) or exactly. */
    readonly precision: 'single' | 'double',
  ) {
    this.#leaves = leaves;
    this.#scratch = new Float64Array(width);
  }

  /** Bytes allocated. */
  get allocatedBytes(): number {
    return this.#levels.reduce((sum, level) => sum + level.data.byteLength, 0);
  }

  /** Builds the blocks of the leaves `[0, complete)`, as far as they are not built yet. */
  update(complete: number): void {
    let available = complete;
    for (let depth = 0; ; depth += 1) {
      const blocks = Math.floor(available / this.fanout);
      if (blocks === 0) return;
      const level = (this.#levels[depth] ??= { data: this.#allocate(0), blocks: 0 });
      this.#reserve(level, blocks);
      while (level.blocks < blocks) this.#addBlock(depth, level);
      available = blocks;
    }
  }

  /** The leaves from `leaf` on have changed: blocks that hold any of them are forgotten. */
  invalidateFrom(leaf: number): void {
    let valid = leaf;
    for (const level of this.#levels) {
      valid = Math.floor(valid / this.fanout);
      if (level.blocks > valid) level.blocks = valid;
    }
  }

  /** Adds the whole leaves `[from, to)` to a summary. */
  addTo(sum: Float64Array, from: number, to: number): void {
    const { fanout } = this;
    let at = from;
    while (at < to) {
      let depth = -1;
      let size = 1;
      // The largest block that starts here, ends in the stretch and is built.
      while (depth + 1 < this.#levels.length) {
        const next = size * fanout;
        if (at % next !== 0 || at + next > to || at / next >= this.#levels[depth + 1]!.blocks) break;
        depth += 1;
        size = next;
      }
      if (depth < 0) size = Math.min(to, at + fanout - (at % fanout)) - at;
      this.visited += depth < 0 ? size : 1;
      if (depth < 0) this.#leaves.addLeaves(sum, at, at + size);
      else this.#leaves.merge(sum, this.#levels[depth]!.data, (at / size) * this.width);
      at += size;
    }
  }

  #addBlock(depth: number, level: Level): void {
    const sum = this.#scratch.fill(0);
    const first = level.blocks * this.fanout;
    if (depth === 0) {
      this.#leaves.addLeaves(sum, first, first + this.fanout);
    } else {
      const below = this.#levels[depth - 1]!.data;
      for (let block = first; block < first + this.fanout; block += 1) {
        this.#leaves.merge(sum, below, block * this.width);
      }
    }
    level.data.set(sum, level.blocks * this.width);
    level.blocks += 1;
  }

  #reserve(level: Level, blocks: number): void {
    const needed = blocks * this.width;
    if (needed <= level.data.length) return;
    // Exactly what is needed at first, often when a trace is complete; room to grow when it was needed before.
    const larger = this.#allocate(level.blocks === 0 ? needed : Math.ceil(needed * 1.25));
    larger.set(level.data);
    level.data = larger;
  }

  #allocate(length: number): Float64Array | Float32Array {
    return this.precision === 'double' ? new Float64Array(length) : new Float32Array(length);
  }
}
