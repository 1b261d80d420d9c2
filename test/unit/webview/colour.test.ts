import { describe, expect, it } from 'vitest';
import {
  black,
  contrast,
  luminance,
  packPixel,
  parseColour,
  textOn,
  white,
  type Rgb,
} from '../../../webview/common/colour.js';
import { normaliseComm, taskColour } from '../../../webview/common/taskColour.js';
import { buildTheme, themeKindOf, type ThemeKind } from '../../../webview/common/theme.js';
import { Palette } from '../../../webview/trace/timeline/palette.js';

/** Editor backgrounds of VS Code's own themes. */
const backgrounds: Readonly<Record<ThemeKind, string>> = {
  dark: '#1f1f1f',
  light: '#ffffff',
  'hc-dark': '#000000',
  'hc-light': '#ffffff',
};
const kinds = Object.keys(backgrounds) as ThemeKind[];
const names = Array.from(
  { length: 400 },
  (_, index) => `task-${String.fromCharCode(97 + (index % 26))}${(index * 7919).toString(36)}x`,
);

function themeOf(kind: ThemeKind) {
  return buildTheme(kind, (name) => (name === 'editor-background' ? backgrounds[kind] : ''));
}

function unpack(word: number): Rgb {
  return { r: word & 255, g: (word >>> 8) & 255, b: (word >>> 16) & 255 };
}

describe('colours', () => {
  it('parses what themes hold', () => {
    expect(parseColour('#fff', black)).toEqual(white);
    expect(parseColour('#ff000080', black)?.r).toBeCloseTo(128, 0);
    expect(parseColour('rgba(0, 0, 255, 0.5)', white)).toEqual({ r: 127.5, g: 127.5, b: 255 });
    expect(parseColour('rgb(1 2 3 / 50%)', black)).toEqual({ r: 0.5, g: 1, b: 1.5 });
    expect(parseColour('', black)).toBeNull();
    expect(parseColour('#12345', black)).toBeNull();
  });

  it('measures contrast as WCAG does', () => {
    expect(contrast(black, white)).toBeCloseTo(21, 5);
    expect(luminance({ r: 255, g: 0, b: 0 })).toBeCloseTo(0.2126, 4);
  });

  it('packs pixels in the order of ImageData', () => {
    const bytes = new Uint8ClampedArray(new Uint32Array([packPixel({ r: 1, g: 2, b: 3 })]).buffer);
    expect([...bytes]).toEqual([1, 2, 3, 255]);
  });

  it('finds legible text for any colour', () => {
    for (let i = 0; i < 4096; i++) {
      const colour = { r: (i >> 8) * 17, g: ((i >> 4) & 15) * 17, b: (i & 15) * 17 };
      expect(contrast(textOn(colour), colour)).toBeGreaterThanOrEqual(4.5);
    }
  });
});

describe('task colours', () => {
  it('are the same for the members of a family', () => {
    expect(normaliseComm('kworker/3:1H-kblockd')).toBe('kworker');
    expect(normaliseComm('migration/12')).toBe('migration');
    expect(normaliseComm('Worker-12')).toBe('Worker');
    expect(normaliseComm('nginx')).toBe('nginx');
    expect(normaliseComm('42')).toBe('42');
    expect(taskColour('kworker/0:1', 'dark')).toEqual(taskColour('kworker/u16:3-events', 'dark'));
  });

  it('differ between names', () => {
    const colours = new Set(names.map((name) => JSON.stringify(taskColour(name, 'dark'))));
    expect(colours.size).toBeGreaterThan(names.length * 0.9);
  });

  it.each(kinds)('stand out from the background by 3:1 in %s', (kind) => {
    const background = parseColour(backgrounds[kind], black)!;
    for (const name of names) expect(contrast(taskColour(name, kind), background)).toBeGreaterThanOrEqual(3);
  });

  it.each(kinds)('carry legible text in %s, dimmed or not', (kind) => {
    const palette = new Palette(themeOf(kind), (thread) => names[thread]);
    for (const emphasised of [null, 0]) {
      palette.emphasise(emphasised);
      for (let thread = 0; thread < names.length; thread++) {
        const { fill, text } = palette.task(thread);
        const colour = parseColour(text, black)!;
        expect(contrast(colour, unpack(fill)), `${names[thread]!} ${text}`).toBeGreaterThanOrEqual(4.5);
      }
    }
  });
});

describe('themes', () => {
  it('are told from the classes of the body', () => {
    const kindOf = (...classes: string[]) => themeKindOf({ contains: (name) => classes.includes(name) });
    expect(kindOf('vscode-dark')).toBe('dark');
    expect(kindOf('vscode-light')).toBe('light');
    expect(kindOf('vscode-high-contrast')).toBe('hc-dark');
    // VS Code sets both for the light one.
    expect(kindOf('vscode-high-contrast', 'vscode-high-contrast-light')).toBe('hc-light');
  });

  it.each(kinds)('have state colours of 3:1 in %s, also without any variables', (kind) => {
    const theme = themeOf(kind);
    for (const colour of [theme.yellow, theme.orange, theme.red, theme.purple, theme.blue]) {
      expect(contrast(colour, theme.background)).toBeGreaterThanOrEqual(3);
    }
  });
});
