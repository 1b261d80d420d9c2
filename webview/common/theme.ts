import { contrast, luminance, mix, parseColour, type Rgb } from './colour.js';
import { Signal } from './signal.js';

export type ThemeKind = 'dark' | 'light' | 'hc-dark' | 'hc-light';

/** What drawing code needs of the editor's theme. CSS reads the same variables by itself. */
export interface Theme {
  readonly kind: ThemeKind;
  readonly highContrast: boolean;
  readonly background: Rgb;
  readonly foreground: Rgb;
  readonly muted: Rgb;
  readonly border: Rgb;
  readonly grid: Rgb;
  readonly accent: Rgb;
  readonly focus: Rgb;
  readonly widget: Rgb;
  readonly blue: Rgb;
  readonly yellow: Rgb;
  readonly orange: Rgb;
  readonly red: Rgb;
  readonly purple: Rgb;
  readonly green: Rgb;
  readonly fontFamily: string;
  readonly monoFamily: string;
}

export function themeKindOf(bodyClasses: { contains(name: string): boolean }): ThemeKind {
  if (bodyClasses.contains('vscode-high-contrast-light')) return 'hc-light';
  if (bodyClasses.contains('vscode-high-contrast')) return 'hc-dark';
  return bodyClasses.contains('vscode-light') ? 'light' : 'dark';
}

/** Builds a theme from a lookup of CSS variables (without `--vscode-`); missing ones fall back to VS Code's defaults. */
export function buildTheme(kind: ThemeKind, variable: (name: string) => string): Theme {
  const isDark = kind === 'dark' || kind === 'hc-dark';
  const highContrast = kind === 'hc-dark' || kind === 'hc-light';
  const rawBackground = isDark ? { r: 31, g: 31, b: 31 } : { r: 255, g: 255, b: 255 };
  const background = parseColour(variable('editor-background'), rawBackground) ?? rawBackground;
  const colour = (names: readonly string[], fallback: Rgb): Rgb => {
    for (const name of names) {
      const parsed = parseColour(variable(name), background);
      if (parsed !== null) return parsed;
    }
    return fallback;
  };
  const foreground = colour(
    ['foreground', 'editor-foreground'],
    isDark ? { r: 204, g: 204, b: 204 } : { r: 59, g: 59, b: 59 },
  );
  const border = colour(
    ['contrastBorder', 'panel-border', 'editorGroup-border'],
    mix(background, foreground, 0.2),
  );
  return {
    kind,
    highContrast,
    background,
    foreground,
    muted: colour(['descriptionForeground'], mix(background, foreground, 0.7)),
    border,
    grid: mix(background, foreground, highContrast ? 0.3 : isDark ? 0.09 : 0.1),
    accent: colour(['progressBar-background', 'focusBorder'], { r: 0, g: 120, b: 212 }),
    focus: colour(['focusBorder'], { r: 0, g: 120, b: 212 }),
    widget: colour(['editorWidget-background'], mix(background, foreground, 0.05)),
    blue: legible(colour(['charts-blue'], { r: 55, g: 148, b: 255 }), background),
    yellow: legible(colour(['charts-yellow'], { r: 204, g: 167, b: 0 }), background),
    orange: legible(colour(['charts-orange'], { r: 209, g: 134, b: 22 }), background),
    red: legible(colour(['charts-red'], { r: 241, g: 76, b: 76 }), background),
    purple: legible(colour(['charts-purple'], { r: 177, g: 128, b: 215 }), background),
    green: legible(colour(['charts-green'], { r: 137, g: 209, b: 133 }), background),
    fontFamily: variable('font-family') || 'system-ui, sans-serif',
    monoFamily: variable('editor-font-family') || 'monospace',
  };
}

/** Moves a colour away from the background until it stands out by 3:1 (WCAG 1.4.11, graphical objects). */
export function legible(colour: Rgb, background: Rgb): Rgb {
  const away = luminance(background) < 0.18 ? { r: 255, g: 255, b: 255 } : { r: 0, g: 0, b: 0 };
  let result = colour;
  for (let share = 0.1; contrast(result, background) < 3 && share <= 1; share += 0.1)
    result = mix(colour, away, share);
  return result;
}

function readTheme(): Theme {
  const style = getComputedStyle(document.documentElement);
  return buildTheme(themeKindOf(document.body.classList), (name) =>
    style.getPropertyValue(`--vscode-${name}`).trim(),
  );
}

/** The theme in use. VS Code sets variables on the root element and classes on the body when it changes. */
export function watchTheme(): Signal<Theme> {
  const theme = new Signal(readTheme());
  let queued = false;
  const observer = new MutationObserver(() => {
    // Classes and variables change one after the other: read once, when both are there.
    if (queued) return;
    queued = true;
    requestAnimationFrame(() => {
      queued = false;
      theme.set(readTheme());
    });
  });
  observer.observe(document.body, { attributes: true, attributeFilter: ['class', 'data-vscode-theme-id'] });
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['style', 'class'] });
  return theme;
}
