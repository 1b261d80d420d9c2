import { describe, expect, test } from 'vitest';
import type { ConfusionMatrix } from '../../../src/protocol/confusionMessages.js';
import { contrast, luminance } from '../../../webview/common/colour.js';
import { buildTheme, type ThemeKind } from '../../../webview/common/theme.js';
import { ColourScale } from '../../../webview/confusion/matrix/colourScale.js';
import { frameOf } from '../../../webview/confusion/matrix/frame.js';
import { movementOf } from '../../../webview/confusion/matrix/keyboard.js';
import { matrixPixels } from '../../../webview/confusion/matrix/matrixPixels.js';
import {
  cellAt,
  fitted,
  inSight,
  labelStep,
  panned,
  zoomed,
} from '../../../webview/confusion/matrix/viewport.js';
import { classesOf, sliderOf, sliderSteps } from '../../../webview/confusion/model/classSlider.js';
import { ConfusionModel } from '../../../webview/confusion/model/confusionModel.js';
import { ConfusionCells, strengthOf } from '../../../webview/confusion/model/shares.js';
import { cellText } from '../../../webview/confusion/model/words.js';
import { cellsTable } from '../../../webview/confusion/panels/exports.js';
import { stepsOf } from '../../../webview/confusion/model/legendSteps.js';

/** Classes a and b, UNK, and "other" with 5 events of which 2 were right. */
const MATRIX: ConfusionMatrix = {
  query: { part: 'seen', slice: 'all', baseline: null, classes: 2, order: 'frequency' },
  classes: [
    { index: 1, name: 'a', support: 100, predicted: 94 },
    { index: 2, name: 'b', support: 10, predicted: 15 },
    { index: 0, name: 'UNK', support: 4, predicted: 0 },
    { index: -1, name: 'other', support: 5, predicted: 10 },
  ],
  allClasses: 5,
  covered: 0.9,
  target: Uint32Array.of(0, 0, 0, 1, 1, 2, 3),
  guess: Uint32Array.of(0, 1, 3, 0, 1, 0, 3),
  count: Uint32Array.of(89, 6, 5, 1, 9, 4, 5),
  events: 119,
  right: 100,
  unknown: 4,
  rightOfOther: 2,
};
const CELLS = new ConfusionCells(MATRIX);

describe('cells', () => {
  test('shares are of the row and of the column', () => {
    expect(CELLS.at(0, 1)).toMatchObject({ count: 6, ofTarget: 0.06, ofGuess: 0.4, right: 0 });
    expect(CELLS.at(1, 1)).toMatchObject({ count: 9, ofTarget: 0.9, right: 9 });
    expect(CELLS.at(2, 2)).toMatchObject({ count: 0, ofTarget: 0, ofGuess: 0, right: 0 });
  });

  test('UNK is never right; of "other" as many as the host says', () => {
    expect(CELLS.at(2, 0).right).toBe(0);
    expect(cellText(CELLS.at(2, 0))).toBe(
      'UNK came and a was guessed: 4 events, 100 % of the 4 that came, 4.3 % of the 94 that were guessed. Not in the vocabulary: never right.',
    );
    expect(CELLS.at(3, 3).right).toBe(2);
    expect(cellText(CELLS.at(3, 3))).toMatch(/2 of them right\.$/);
    expect(cellText(CELLS.at(1, 3))).toBe('b came and other was guessed: never.');
  });

  test('confusions are what was wrong, the most frequent first', () => {
    const names = CELLS.confusions().map(({ target, guess, count, right }) => [
      target.name,
      guess.name,
      count - right,
    ]);
    expect(names).toEqual([
      ['a', 'b', 6],
      ['a', 'other', 5],
      ['UNK', 'a', 4],
      ['other', 'other', 3],
      ['b', 'a', 1],
    ]);
  });

  test('rare shares are still seen, and counts go by their logarithm', () => {
    expect(strengthOf(CELLS.at(0, 1), 'row', 89)).toBeCloseTo(Math.sqrt(0.06), 12);
    expect(strengthOf(CELLS.at(0, 1), 'column', 89)).toBeCloseTo(Math.sqrt(0.4), 12);
    expect(strengthOf(CELLS.at(0, 0), 'none', 89)).toBe(1);
    expect(strengthOf(CELLS.at(1, 0), 'none', 89)).toBeCloseTo(Math.log(2) / Math.log(90), 12);
  });

  test('as CSV every event is in one row', () => {
    const { columns, rows } = cellsTable(CELLS);
    expect(columns).toHaveLength(6);
    expect(rows.reduce((sum, row) => sum + Number(row[2]), 0)).toBe(119);
    expect(rows[1]).toEqual(['a', 'b', 6, 0, 0.06, 0.4]);
  });
});

describe('colours', () => {
  const kinds: ThemeKind[] = ['dark', 'light', 'hc-dark', 'hc-light'];
  test.each(kinds)('%s: stronger is further from the background, in even steps', (kind) => {
    const theme = buildTheme(kind, () => '');
    const scale = new ColourScale(theme);
    for (const cell of ['right', 'wrong'] as const) {
      const steps = [0, 0.25, 0.5, 0.75, 1].map((strength) =>
        contrast(scale.colour(cell, strength), theme.background),
      );
      expect(steps).toEqual([...steps].sort((a, b) => a - b));
      // The weakest can be told from an empty cell, the strongest stands out.
      expect(steps[0]).toBeGreaterThan(1.1);
      expect(steps.at(-1)).toBeGreaterThan(4.5);
    }
    expect(luminance(scale.colour('right', 1))).not.toBeCloseTo(luminance(theme.background), 1);
  });

  test('where several cells share a pixel the strongest is seen', () => {
    const scale = new ColourScale({ kind: 'dark' });
    const { size, words } = matrixPixels(CELLS, 'row', scale, 2);
    expect(size).toBe(2);
    expect(words[0]).toBe(scale.pixel('right', Math.sqrt(0.9)));
    expect(words[1]).toBe(scale.pixel('wrong', Math.sqrt(0.05)));
    // Of "other" three of five were wrong.
    expect(words[3]).toBe(scale.pixel('wrong', 1));
    const whole = matrixPixels(CELLS, 'row', scale);
    expect(whole.words.filter((word) => word !== 0)).toHaveLength(MATRIX.count.length);
  });

  test('a picture of 500 × 500 full cells is made in a moment', () => {
    const side = 500;
    const all = side * side;
    const cells = new ConfusionCells({
      ...MATRIX,
      classes: Array.from({ length: side }, (_, at) => ({
        index: at + 1,
        name: `${at}`,
        support: side,
        predicted: side,
      })),
      target: Uint32Array.from({ length: all }, (_, at) => Math.floor(at / side)),
      guess: Uint32Array.from({ length: all }, (_, at) => at % side),
      count: new Uint32Array(all).fill(1),
      rightOfOther: 0,
    });
    const startedMs = performance.now();
    const { words } = matrixPixels(cells, 'row', new ColourScale({ kind: 'dark' }));
    expect(performance.now() - startedMs).toBeLessThan(1500);
    expect(words.every((word) => word !== 0)).toBe(true);
  });

  test('the legend spans what is shown', () => {
    expect(stepsOf('row', 5).map(({ label }) => label)).toEqual([
      '0.1 %',
      '1 %',
      '5 %',
      '10 %',
      '25 %',
      '50 %',
      '100 %',
    ]);
    expect(stepsOf('none', 2500).map(({ label }) => label)).toEqual(['1', '10', '100', '1 k', '2.5 k']);
    expect(stepsOf('none', 2500).at(-1)?.strength).toBe(1);
  });
});

describe('movement', () => {
  const plot = { width: 600, height: 500 };

  test('all of it fits, and a small matrix does not fill the window', () => {
    expect(fitted(500, plot)).toEqual({ cellPx: 1, left: 0, top: 0 });
    expect(fitted(2, plot).cellPx).toBe(48);
  });

  test('zooming keeps what is under the pointer', () => {
    const at = { x: 300, y: 200 };
    const before = cellAt(fitted(500, plot), at, 500);
    const view = zoomed(fitted(500, plot), 8, at, 500, plot);
    expect(view.cellPx).toBe(8);
    expect(cellAt(view, at, 500)).toEqual(before);
    expect(zoomed(view, 1 / 100, at, 500, plot)).toEqual(fitted(500, plot));
  });

  test('panning ends where the matrix does', () => {
    const view = zoomed(fitted(500, plot), 10, { x: 0, y: 0 }, 500, plot);
    expect(panned(view, { x: -50, y: 1e6 }, 500, plot)).toEqual({ cellPx: 10, left: 0, top: 450 });
  });

  test('a cell is brought into sight, and one that is in sight moves nothing', () => {
    const view = zoomed(fitted(500, plot), 10, { x: 0, y: 0 }, 500, plot);
    expect(inSight(view, { row: 3, column: 5 }, 500, plot)).toEqual(view);
    expect(inSight(view, { row: 499, column: 100 }, 500, plot)).toEqual({ cellPx: 10, left: 41, top: 450 });
  });

  test('beside the matrix there is no cell', () => {
    expect(cellAt(fitted(2, plot), { x: 97, y: 10 }, 2)).toBeNull();
    expect(cellAt(fitted(2, plot), { x: -1, y: 10 }, 2)).toBeNull();
  });

  test('names are apart, and steps are round', () => {
    expect(labelStep(20, 13)).toBe(1);
    expect(labelStep(4, 13)).toBe(5);
    expect(labelStep(1, 13)).toBe(20);
    expect(labelStep(0.6, 13)).toBe(50);
  });

  test('in a small window names give way', () => {
    expect(frameOf(300, 300, 400).left).toBeLessThanOrEqual(120);
    expect(frameOf(1000, 1000, 79.5).left).toBe(107);
  });

  test('keys move, and n and p go from confusion to confusion', () => {
    const at = { row: 0, column: 0 };
    const key = (name: string, from = at, ctrlKey = false) => movementOf({ key: name, ctrlKey }, from, CELLS);
    expect(key('ArrowDown')).toEqual({ row: 1, column: 0 });
    expect(key('ArrowUp')).toEqual(at);
    expect(key('End')).toEqual({ row: 0, column: 3 });
    expect(key('End', at, true)).toEqual({ row: 3, column: 3 });
    expect(key('n')).toMatchObject({ row: 0, column: 1 });
    expect(key('n', { row: 0, column: 1 })).toMatchObject({ row: 0, column: 3 });
    expect(key('p', { row: 0, column: 3 })).toMatchObject({ row: 0, column: 1 });
    expect(key('d', { row: 2, column: 0 })).toEqual({ row: 2, column: 2 });
    expect(key('x')).toBeNull();
  });
});

describe('choices', () => {
  test.each([5, 60, 3800])('the slider reaches from two to all of %i tasks, and back', (all) => {
    expect(classesOf(0, all)).toBe(2);
    expect(classesOf(sliderSteps(all), all)).toBe(Math.min(all, 1000));
    for (let slider = 0; slider <= sliderSteps(all); slider += 1) {
      expect(classesOf(sliderOf(classesOf(slider, all), all), all)).toBe(classesOf(slider, all));
    }
  });

  test('the cursor stays with its tasks when the order changes', () => {
    const model = new ConfusionModel();
    const run = {
      folder: '/r',
      title: 'r',
      model: 'tcn',
      evaluated: '',
      parts: [],
      baselines: [],
      warnings: [],
      isOutdated: false,
    };
    model.accept({ kind: 'ready', run, matrix: MATRIX });
    model.cursor.set({ row: 0, column: 1 });
    const swapped = {
      ...MATRIX,
      classes: [MATRIX.classes[1]!, MATRIX.classes[0]!, ...MATRIX.classes.slice(2)],
    };
    model.accept({ kind: 'ready', run, matrix: swapped });
    expect(model.cursor.value).toEqual({ row: 1, column: 0 });
    model.list(model.cells.value!.at(0, 3));
    model.accept({
      kind: 'ready',
      run,
      matrix: {
        ...MATRIX,
        classes: MATRIX.classes.slice(0, 3),
        target: new Uint32Array(0),
        guess: new Uint32Array(0),
        count: new Uint32Array(0),
      },
    });
    expect(model.listedCell).toBeNull();
  });
});
