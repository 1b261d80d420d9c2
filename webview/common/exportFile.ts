import type { FileToSave } from '../../src/protocol/inspectionMessages.js';
import { toCss } from './colour.js';
import { button } from './controls.js';
import { element } from './dom.js';
import type { Theme } from './theme.js';

/** What is not known is left empty. */
export type CsvValue = string | number | null;

export interface CsvTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly CsvValue[])[];
}

/** A picture, or a promise of one; `null` while there is nothing to draw. */
export type Picture = HTMLCanvasElement | Promise<HTMLCanvasElement> | null;

export interface Exports {
  /** What the buttons are about, for their accessible names: "Calibration". */
  readonly title: string;
  /** Without its ending; made a file name. */
  readonly name: () => string;
  readonly table?: () => CsvTable;
  readonly picture?: () => Picture;
}

/** Buttons that save a card's figures as CSV and its chart as PNG. */
export function exportButtons(
  exports: Exports,
  theme: () => Theme,
  save: (file: FileToSave) => Promise<void>,
): HTMLElement {
  const { title, name, table, picture } = exports;
  const buttons: HTMLElement[] = [];
  if (picture !== undefined) {
    const savePicture = async () => {
      const drawn = await picture();
      if (drawn !== null) {
        await save({
          name: fileName(name(), 'png'),
          content: { kind: 'png', base64: pngOf(drawn, theme()) },
        });
      }
    };
    buttons.push(button('PNG…', `Save the chart "${title}" as a picture`, () => void savePicture()));
  }
  if (table !== undefined) {
    const saveTable = () =>
      save({ name: fileName(name(), 'csv'), content: { kind: 'csv', text: csvText(table()) } });
    buttons.push(button('CSV…', `Save the figures of "${title}" as a table`, () => void saveTable()));
  }
  return element('div', { className: 'export-buttons' }, ...buttons);
}

/** RFC 4180: CR LF, quotes where they are needed. Numbers stand with all their digits. */
export function csvText({ columns, rows }: CsvTable): string {
  return [columns, ...rows].map((row) => row.map(fieldOf).join(',')).join('\r\n') + '\r\n';
}

function fieldOf(value: CsvValue): string {
  if (value === null) return '';
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : '';
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

/** A canvas on the theme's background, as the bytes of a PNG in base64: charts themselves are transparent. */
export function pngOf(canvas: HTMLCanvasElement, theme: Theme): string {
  const copy = document.createElement('canvas');
  copy.width = canvas.width;
  copy.height = canvas.height;
  const context = copy.getContext('2d');
  if (context === null) throw new Error('This browser cannot draw.');
  context.fillStyle = toCss(theme.background);
  context.fillRect(0, 0, copy.width, copy.height);
  context.drawImage(canvas, 0, 0);
  const url = copy.toDataURL('image/png');
  return url.slice(url.indexOf(',') + 1);
}

/** Names of runs and tasks may hold what names of files may not. */
export function fileName(name: string, ending: 'csv' | 'png'): string {
  const safe = name.replace(/[^\p{L}\p{N}._-]+/gu, '-').replace(/^[-.]+|-+$/g, '');
  return `${safe.slice(0, 100) || 'kernel-oracle'}.${ending}`;
}
