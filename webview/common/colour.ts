/** A colour in sRGB; channels 0…255. */
export interface Rgb {
  readonly r: number;
  readonly g: number;
  readonly b: number;
}

export const black: Rgb = { r: 0, g: 0, b: 0 };
export const white: Rgb = { r: 255, g: 255, b: 255 };

/** Parses `#rgb`, `#rgba`, `#rrggbb`, `#rrggbbaa`, `rgb()`, `rgba()`; what is translucent is laid over `under`. */
export function parseColour(css: string, under: Rgb): Rgb | null {
  const text = css.trim().toLowerCase();
  const hex = /^#([0-9a-f]{3,8})$/.exec(text)?.[1];
  if (hex !== undefined) {
    const wide = hex.length <= 4 ? hex.replace(/./g, '$&$&') : hex;
    if (wide.length !== 6 && wide.length !== 8) return null;
    const channel = (at: number) => parseInt(wide.slice(at, at + 2), 16);
    const alpha = wide.length === 8 ? channel(6) / 255 : 1;
    return mix(under, { r: channel(0), g: channel(2), b: channel(4) }, alpha);
  }
  const parts = /^rgba?\(([^)]*)\)$/
    .exec(text)?.[1]
    ?.split(/[\s,/]+/)
    .filter((part) => part !== '');
  if (parts === undefined || parts.length < 3) return null;
  const [r, g, b] = parts.slice(0, 3).map(Number) as [number, number, number];
  const alphaText = parts[3] ?? '1';
  const alpha = alphaText.endsWith('%') ? parseFloat(alphaText) / 100 : Number(alphaText);
  if (![r, g, b, alpha].every(Number.isFinite)) return null;
  return mix(under, { r, g, b }, alpha);
}

export function toCss(colour: Rgb, alpha = 1): string {
  const [r, g, b] = [colour.r, colour.g, colour.b].map(Math.round) as [number, number, number];
  return alpha >= 1 ? `rgb(${r}, ${g}, ${b})` : `rgba(${r}, ${g}, ${b}, ${alpha})`;
}

/** `from` at 0, `to` at 1. */
export function mix(from: Rgb, to: Rgb, share: number): Rgb {
  return {
    r: from.r + (to.r - from.r) * share,
    g: from.g + (to.g - from.g) * share,
    b: from.b + (to.b - from.b) * share,
  };
}

/** The pixel as ImageData keeps it, read as a little-endian word (every platform that browsers run on). */
export function packPixel(colour: Rgb): number {
  return (
    ((255 << 24) | (Math.round(colour.b) << 16) | (Math.round(colour.g) << 8) | Math.round(colour.r)) >>> 0
  );
}

/** Relative luminance 0…1: WCAG 2.2, "relative luminance". */
export function luminance(colour: Rgb): number {
  const linear = (channel: number) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * linear(colour.r) + 0.7152 * linear(colour.g) + 0.0722 * linear(colour.b);
}

/** Contrast ratio 1…21: WCAG 2.2, "contrast ratio". */
export function contrast(a: Rgb, b: Rgb): number {
  const [la, lb] = [luminance(a), luminance(b)];
  return (Math.max(la, lb) + 0.05) / (Math.min(la, lb) + 0.05);
}

/** Black or white, whichever reads better on `background`: never below 4.5, as √21 > 4.5. */
export function textOn(background: Rgb): Rgb {
  return contrast(background, black) >= contrast(background, white) ? black : white;
}

/** Björn Ottosson's Oklab in cylinder form to sRGB: lightness 0…1, chroma 0…0.4, hue in degrees. Chroma shrinks until it fits. */
export function fromOklch(lightness: number, chroma: number, hueDegrees: number): Rgb {
  const hue = (hueDegrees * Math.PI) / 180;
  for (let c = chroma; ; c -= 0.01) {
    const fitting = oklabToRgb(lightness, Math.max(0, c) * Math.cos(hue), Math.max(0, c) * Math.sin(hue));
    if (fitting !== null) return fitting;
    if (c <= 0) return { r: lightness * 255, g: lightness * 255, b: lightness * 255 };
  }
}

function oklabToRgb(lightness: number, a: number, b: number): Rgb | null {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const linear = [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
  if (linear.some((channel) => channel < -0.0005 || channel > 1.0005)) return null;
  const [red, green, blue] = linear.map((channel) => {
    const clipped = Math.min(1, Math.max(0, channel));
    return 255 * (clipped <= 0.0031308 ? 12.92 * clipped : 1.055 * clipped ** (1 / 2.4) - 0.055);
  }) as [number, number, number];
  return { r: red, g: green, b: blue };
}
