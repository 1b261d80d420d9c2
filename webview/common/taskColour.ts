import { fromOklch, type Rgb } from './colour.js';
import type { ThemeKind } from './theme.js';

/**
 * The family name of a task: tasks that differ only in a number share a colour.
 * `kworker/3:1H-kblockd` → `kworker`, `migration/2` → `migration`, `Worker-12` → `Worker`.
 */
export function normaliseComm(comm: string): string {
  const base =
    /^(kworker|migration|ksoftirqd|cpuhp|idle_inject|irq|rcuop|rcuos|rcuog|rcuc)\//.exec(comm)?.[1] ?? comm;
  const stem = base.replace(/[-_/:#.\s]*\d+[\d\-_/:#.\s]*$/, '');
  return stem === '' ? base : stem;
}

/** FNV-1a, 32 bits, then mixed: names that differ in one letter land far apart. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash ^= text.charCodeAt(i);
    hash = Math.imul(hash, 0x01000193);
  }
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x7feb352d);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x846ca68b);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Lightness and chroma (Oklch) for each theme, so that every hue stands out from the background by 3:1 or more. */
const tones: Readonly<Record<ThemeKind, { lightness: number; spread: number; chroma: number }>> = {
  dark: { lightness: 0.68, spread: 0.07, chroma: 0.125 },
  light: { lightness: 0.6, spread: 0.05, chroma: 0.13 },
  'hc-dark': { lightness: 0.8, spread: 0.05, chroma: 0.15 },
  'hc-light': { lightness: 0.48, spread: 0.04, chroma: 0.15 },
};

/** The colour of a task: the same for the same name in every trace, apart from the theme's lightness. */
export function taskColour(comm: string, kind: ThemeKind): Rgb {
  const hash = hashText(normaliseComm(comm));
  const tone = tones[kind];
  const hue = ((hash & 0xffff) / 0x10000) * 360;
  const lightness = tone.lightness + (((hash >>> 16) % 3) - 1) * tone.spread;
  const chroma = tone.chroma * ((hash >>> 20) % 2 === 0 ? 1 : 0.7);
  return fromOklch(lightness, chroma, hue);
}
