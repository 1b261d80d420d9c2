/** The part of a lane's height that is drawn into, device pixels. */
export interface Box {
  readonly y: number;
  readonly height: number;
}

/**
 * A picture in memory, drawn by filling rectangles of words and put on a canvas in one go. Thousands of slices cost
 * little more than the pixels they cover, which a canvas's own fillRect does not achieve without a GPU.
 * All coordinates are device pixels; rectangles are cut to the picture.
 */
export class PixelSurface {
  width = 0;
  height = 0;
  #words = new Uint32Array(0);
  #image: ImageData | null = null;

  resize(width: number, height: number): void {
    if (width === this.width && height === this.height) return;
    this.width = width;
    this.height = height;
    const bytes = new Uint8ClampedArray(new ArrayBuffer(width * height * 4));
    this.#words = new Uint32Array(bytes.buffer);
    this.#image =
      typeof ImageData === 'undefined' || width === 0 || height === 0
        ? null
        : new ImageData(bytes, width, height);
  }

  /** Copies the picture to a canvas of the same size. */
  present(context: CanvasRenderingContext2D): void {
    if (this.#image !== null) context.putImageData(this.#image, 0, 0);
  }

  clear(colour: number): void {
    this.#words.fill(colour);
  }

  pixel(x: number, y: number): number {
    return this.#words[y * this.width + x] ?? 0;
  }

  /** Fills part of one row; `left` … `right` must lie within the picture. */
  fillRow(row: number, left: number, right: number, colour: number): void {
    const from = row * this.width + left;
    const to = row * this.width + right;
    if (right - left < 24) for (let at = from; at < to; at++) this.#words[at] = colour;
    else this.#words.fill(colour, from, to);
  }

  /** Copies part of the row above to a row. */
  copyFromAbove(row: number, left: number, right: number): void {
    const above = (row - 1) * this.width;
    this.#words.copyWithin(row * this.width + left, above + left, above + right);
  }

  fillRect(x: number, y: number, width: number, height: number, colour: number): void {
    const left = x < 0 ? 0 : x;
    const right = x + width > this.width ? this.width : x + width;
    const top = y < 0 ? 0 : y;
    const bottom = y + height > this.height ? this.height : y + height;
    if (left >= right || top >= bottom) return;
    const words = this.#words;
    const stride = this.width;
    if (right - left === 1) {
      for (let at = top * stride + left, end = bottom * stride; at < end; at += stride) words[at] = colour;
      return;
    }
    if (right - left < 24) {
      // Calls of `fill` cost more than they save on short rows.
      for (let row = top; row < bottom; row++) {
        for (let at = row * stride + left, end = row * stride + right; at < end; at++) words[at] = colour;
      }
      return;
    }
    for (let row = top; row < bottom; row++) words.fill(colour, row * stride + left, row * stride + right);
  }

  /**
   * Diagonal stripes: `thickness` of every `period` pixels in `stripe`, the rest in `ground`. `slope` 1 falls to the
   * left, -1 to the right. The pattern is tied to the picture, so that neighbours join.
   */
  hatchRect(
    x: number,
    y: number,
    width: number,
    height: number,
    ground: number,
    stripe: number,
    period: number,
    thickness: number,
    slope: 1 | -1,
  ): void {
    const left = x < 0 ? 0 : x;
    const right = x + width > this.width ? this.width : x + width;
    const top = y < 0 ? 0 : y;
    const bottom = y + height > this.height ? this.height : y + height;
    const words = this.#words;
    for (let row = top; row < bottom; row++) {
      let phase = (left + slope * row) % period;
      if (phase < 0) phase += period;
      for (let at = row * this.width + left, end = row * this.width + right; at < end; at++) {
        words[at] = phase < thickness ? stripe : ground;
        if (++phase === period) phase = 0;
      }
    }
  }

  /** A horizontal line of dashes. */
  dashLine(
    x: number,
    y: number,
    width: number,
    height: number,
    colour: number,
    period: number,
    dash: number,
  ): void {
    const end = Math.min(x + width, this.width);
    const start = Math.max(0, x);
    for (let at = start - (start % period); at < end; at += period) {
      const from = Math.max(start, at);
      this.fillRect(from, y, Math.min(at + dash, end) - from, height, colour);
    }
  }

  outlineRect(x: number, y: number, width: number, height: number, thickness: number, colour: number): void {
    this.fillRect(x, y, width, thickness, colour);
    this.fillRect(x, y + height - thickness, width, thickness, colour);
    this.fillRect(x, y, thickness, height, colour);
    this.fillRect(x + width - thickness, y, thickness, height, colour);
  }
}
