/** Pixels as they are painted, to be looked at by tests. */
import { inflateSync } from 'node:zlib';

/** Red, green, blue, each 0–255. */
export type Colour = readonly [number, number, number];

export interface Rectangle {
  x: number;
  y: number;
  width: number;
  height: number;
}

export class Picture {
  /** @param rgba four bytes a pixel, row by row */
  constructor(
    readonly width: number,
    readonly height: number,
    readonly rgba: Uint8Array,
  ) {
    if (rgba.length !== width * height * 4) {
      throw new RangeError(
        `${width} × ${height} pixels need ${width * height * 4} bytes, not ${rgba.length}`,
      );
    }
  }

  at(x: number, y: number): Colour {
    if (x < 0 || y < 0 || x >= this.width || y >= this.height) {
      throw new RangeError(`pixel ${x}, ${y} is outside of ${this.width} × ${this.height}`);
    }
    const at = (Math.floor(y) * this.width + Math.floor(x)) * 4;
    return [this.rgba[at]!, this.rgba[at + 1]!, this.rgba[at + 2]!];
  }

  /** The part inside the rectangle, which is cut to the picture. */
  crop({ x, y, width, height }: Rectangle): Picture {
    const left = Math.max(0, Math.round(x));
    const top = Math.max(0, Math.round(y));
    const right = Math.min(this.width, Math.round(x + width));
    const bottom = Math.min(this.height, Math.round(y + height));
    const columns = Math.max(0, right - left);
    const rows = Math.max(0, bottom - top);
    const part = new Uint8Array(columns * rows * 4);
    for (let row = 0; row < rows; row++) {
      const from = ((top + row) * this.width + left) * 4;
      part.set(this.rgba.subarray(from, from + columns * 4), row * columns * 4);
    }
    return new Picture(columns, rows, part);
  }

  /** How many pixels there are of each colour, `#rrggbb`, the most frequent first. */
  colours(): Map<string, number> {
    const counts = new Map<number, number>();
    for (let at = 0; at < this.rgba.length; at += 4) {
      const key = (this.rgba[at]! << 16) | (this.rgba[at + 1]! << 8) | this.rgba[at + 2]!;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    const sorted = [...counts].sort(([, a], [, b]) => b - a);
    return new Map(sorted.map(([key, count]) => [`#${key.toString(16).padStart(6, '0')}`, count]));
  }

  /** The part of the pixels (0–1) that are within `tolerance` of the colour in every channel. */
  shareOf(colour: Colour | string, tolerance = 0): number {
    const [red, green, blue] = typeof colour === 'string' ? parseColour(colour) : colour;
    let count = 0;
    for (let at = 0; at < this.rgba.length; at += 4) {
      const near =
        Math.abs(this.rgba[at]! - red) <= tolerance &&
        Math.abs(this.rgba[at + 1]! - green) <= tolerance &&
        Math.abs(this.rgba[at + 2]! - blue) <= tolerance;
      if (near) count++;
    }
    return this.rgba.length === 0 ? 0 : count / (this.rgba.length / 4);
  }

  /** The part of the pixels (0–1) that differ from those of another picture of the same size. */
  differenceFrom(other: Picture, tolerance = 0): number {
    if (other.width !== this.width || other.height !== this.height) return 1;
    let count = 0;
    for (let at = 0; at < this.rgba.length; at += 4) {
      const differs = [0, 1, 2].some(
        (each) => Math.abs(this.rgba[at + each]! - other.rgba[at + each]!) > tolerance,
      );
      if (differs) count++;
    }
    return this.rgba.length === 0 ? 0 : count / (this.rgba.length / 4);
  }
}

/** @param text `#rgb`, `#rrggbb`, `#rrggbbaa`, `rgb(…)` or `rgba(…)`, as CSS variables and computed styles have them */
export function parseColour(text: string): Colour {
  const hex = /^#([\da-f]{3}|[\da-f]{6}|[\da-f]{8})$/i.exec(text.trim())?.[1];
  if (hex !== undefined) {
    const digits = hex.length === 3 ? hex.replace(/./g, '$&$&') : hex;
    return [0, 2, 4].map((at) => parseInt(digits.slice(at, at + 2), 16)) as unknown as Colour;
  }
  const parts = /^rgba?\(([^)]*)\)$/
    .exec(text.trim())?.[1]
    ?.split(/[\s,/]+/)
    .map(Number);
  if (parts === undefined || parts.length < 3) throw new TypeError(`not a colour: ${text}`);
  return [parts[0]!, parts[1]!, parts[2]!];
}

/** Contrast of two colours, 1–21 (WCAG 2.2, "contrast ratio"); text wants 4.5, shapes want 3. */
export function contrast(one: Colour | string, other: Colour | string): number {
  const [dark, light] = [one, other].map(luminance).sort((a, b) => a - b) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

function luminance(colour: Colour | string): number {
  const channels = typeof colour === 'string' ? parseColour(colour) : colour;
  const [red, green, blue] = channels.map((channel) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/**
 * Decodes what the browser's screenshots are: PNG, 8 bits a channel, RGB or RGBA, not interlaced (W3C PNG, 4.5 and 9.2).
 */
export function decodePng(png: Uint8Array): Picture {
  const bytes = Buffer.from(png.buffer, png.byteOffset, png.byteLength);
  const width = bytes.readUInt32BE(16);
  const height = bytes.readUInt32BE(20);
  const [depth, kind, , , interlaced] = bytes.subarray(24, 29);
  if (depth !== 8 || (kind !== 2 && kind !== 6) || interlaced !== 0)
    throw new TypeError('not a screenshot PNG');
  const channels = kind === 6 ? 4 : 3;

  const data: Buffer[] = [];
  for (let at = 8; at < bytes.length;) {
    const length = bytes.readUInt32BE(at);
    if (bytes.toString('latin1', at + 4, at + 8) === 'IDAT')
      data.push(bytes.subarray(at + 8, at + 8 + length));
    at += 12 + length;
  }
  const rows = unfilter(inflateSync(Buffer.concat(data)), width * channels, height, channels);
  const rgba = new Uint8Array(width * height * 4).fill(255);
  for (let pixel = 0; pixel < width * height; pixel++) {
    for (let channel = 0; channel < channels; channel++)
      rgba[pixel * 4 + channel] = rows[pixel * channels + channel]!;
  }
  return new Picture(width, height, rgba);
}

/** Undoes the filter that the first byte of each row names: none, left, up, average, Paeth. */
function unfilter(raw: Uint8Array, stride: number, height: number, channels: number): Uint8Array {
  const rows = new Uint8Array(stride * height);
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (stride + 1)]!;
    for (let x = 0; x < stride; x++) {
      const left = x >= channels ? rows[y * stride + x - channels]! : 0;
      const up = y > 0 ? rows[(y - 1) * stride + x]! : 0;
      const upLeft = x >= channels && y > 0 ? rows[(y - 1) * stride + x - channels]! : 0;
      rows[y * stride + x] = raw[y * (stride + 1) + 1 + x]! + predict(filter, left, up, upLeft);
    }
  }
  return rows;
}

function predict(filter: number, left: number, up: number, upLeft: number): number {
  switch (filter) {
    case 0:
      return 0;
    case 1:
      return left;
    case 2:
      return up;
    case 3:
      return (left + up) >> 1;
    case 4:
      return paeth(left, up, upLeft);
    default:
      throw new TypeError(`unknown PNG filter ${filter}`);
  }
}

function paeth(left: number, up: number, upLeft: number): number {
  const estimate = left + up - upLeft;
  const toLeft = Math.abs(estimate - left);
  const toUp = Math.abs(estimate - up);
  const toUpLeft = Math.abs(estimate - upLeft);
  if (toLeft <= toUp && toLeft <= toUpLeft) return left;
  return toUp <= toUpLeft ? up : upLeft;
}
