import type { Box, PixelSurface } from './pixelSurface.js';

/**
 * Fills columns of a lane that reach from some row down to the lane's lower edge, as bar charts do. Rows are written
 * one after the other, each as a copy of the one above plus what begins there: thousands of columns one pixel wide
 * cost no more than a few broad ones, where filling them one by one would jump through memory.
 */
export class ColumnFill {
  readonly #surface: PixelSurface;
  #box: Box = { y: 0, height: 0 };
  /** First row of the lane inside of the picture. */
  #top = 0;
  /** For each row of the lane, the last span that begins there; -1 none. */
  #heads = new Int32Array(0);
  #count = 0;
  /** What all spans together cover: the rest of the lane is not touched. */
  #from = 0;
  #to = 0;
  #left = new Int32Array(1024);
  #right = new Int32Array(1024);
  #colour = new Uint32Array(1024);
  #next = new Int32Array(1024);

  constructor(surface: PixelSurface) {
    this.#surface = surface;
  }

  begin(box: Box): void {
    this.#box = box;
    this.#top = Math.max(0, -box.y);
    if (this.#heads.length < box.height) this.#heads = new Int32Array(box.height);
    this.#heads.fill(-1);
    this.#count = 0;
    this.#from = this.#surface.width;
    this.#to = 0;
  }

  /** Columns `left` … `right` (excluded) take `colour` from row `fromRow` of the lane downwards. */
  add(left: number, right: number, fromRow: number, colour: number): void {
    const row = fromRow < this.#top ? this.#top : fromRow;
    if (row >= this.#box.height || left >= right) return;
    if (this.#count === this.#next.length) this.#grow();
    if (left < this.#from) this.#from = left;
    if (right > this.#to) this.#to = right;
    const index = this.#count++;
    this.#left[index] = left;
    this.#right[index] = right;
    this.#colour[index] = colour;
    this.#next[index] = this.#heads[row]!;
    this.#heads[row] = index;
  }

  flush(): void {
    const surface = this.#surface;
    const { y, height } = this.#box;
    const bottom = Math.min(height, surface.height - y);
    if (this.#count === 0) return;
    let begun = false;
    for (let row = this.#top; row < bottom; row++) {
      if (begun) surface.copyFromAbove(y + row, this.#from, this.#to);
      for (let span = this.#heads[row]!; span >= 0; span = this.#next[span]!) {
        surface.fillRow(y + row, this.#left[span]!, this.#right[span]!, this.#colour[span]!);
        begun = true;
      }
    }
  }

  #grow(): void {
    const length = this.#next.length * 2;
    const grown = <T extends Int32Array | Uint32Array>(old: T, made: T): T => {
      made.set(old);
      return made;
    };
    this.#left = grown(this.#left, new Int32Array(length));
    this.#right = grown(this.#right, new Int32Array(length));
    this.#colour = grown(this.#colour, new Uint32Array(length));
    this.#next = grown(this.#next, new Int32Array(length));
  }
}
