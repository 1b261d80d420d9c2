// @vitest-environment happy-dom
import { describe, expect, it, vi } from 'vitest';
import { latencyDensities } from '../../../src/analysis/latency/latencyDensities.js';
import type { LatencyFile } from '../../../src/analysis/latency/latencyFile.js';
import { setsOf, USUAL_SETTINGS } from '../../../src/analysis/latency/latencyStudy.js';
import type { LatencySettings, LatencyState } from '../../../src/protocol/latencyMessages.js';
import { buildTheme } from '../../../webview/common/theme.js';
import { Signal } from '../../../webview/common/signal.js';
import { facetChart, facetHeight, logTicks } from '../../../webview/latency/charts/facetChart.js';
import { LatencyModel, type LatencyActions } from '../../../webview/latency/model/latencyModel.js';
import { describeFacet, methodWords } from '../../../webview/latency/model/words.js';
import { createFiguresCard } from '../../../webview/latency/panels/figuresCard.js';
import { SetsCard } from '../../../webview/latency/panels/setsCard.js';
import { hostileName } from './lanes.js';

const theme = buildTheme('dark', () => '');

function fileOf(label: string, scale: number): LatencyFile {
  const values = Float64Array.from({ length: 200 }, (_, i) => scale * (1000 + ((i * 37) % 300))).sort();
  return {
    path: `/x/${label}.txt`,
    parts: [{ key: '', name: 'all numbers', count: values.length, values: () => values }],
    addsAllParts: false,
    told: { label, benchmark: 'hackbench' },
    tellsUnit: true,
    badLines: 0,
    remarks: [],
  };
}

function stateOf(version: number, settings: Partial<LatencySettings> = {}): LatencyState {
  const loaded = [fileOf('off', 1), fileOf(hostileName, 2)].map((file) => ({ set: setsOf(file)[0]!, file }));
  const study = {
    baseline: 'off',
    sets: loaded.map(({ set }) => set),
    settings: { ...USUAL_SETTINGS, ...settings },
  };
  return { version, study, file: null, isChanged: false, densities: latencyDensities(study, loaded) };
}

function actionsOf() {
  return {
    addFiles: vi.fn(),
    save: vi.fn(),
    changeSet: vi.fn(),
    removeSet: vi.fn(),
    setBaseline: vi.fn(),
    changeSettings: vi.fn(),
    openSource: vi.fn(),
    saveFile: vi.fn(),
  } satisfies LatencyActions;
}

describe('a facet', () => {
  it('has a curve a set, a lane below it, and marks of their own rows', () => {
    const { densities } = stateOf(1);
    const chart = facetChart(densities.facets[0]!, densities, theme, true);
    expect(chart.data.datasets).toHaveLength(4);
    const [first, second] = chart.data.datasets as unknown as { borderDash: number[]; borderColor: string }[];
    expect(first!.borderDash).not.toEqual(second!.borderDash);
    expect(first!.borderColor).not.toBe(second!.borderColor);
    const { marks } = (chart.options!.plugins as { latencyMarks: { marks: { medianText: string }[] } })
      .latencyMarks;
    expect(marks.map(({ medianText }) => medianText)).toEqual(['A median 1.146 µs', 'B median 2.292 µs']);
    expect(describeFacet(densities.facets[0]!, densities)).toContain('A, off: 200 values');
  });

  it('is lower without anything below the curves', () => {
    const height = (beneath: LatencySettings['beneath']) => {
      const { densities } = stateOf(1, { beneath });
      return facetHeight(densities.facets[0]!, densities, false);
    };
    expect(height('nothing')).toBeLessThan(height('rug'));
    expect(height('rug')).toBeLessThan(height('histogram'));
    expect(methodWords(stateOf(1, { axis: 'linear', factor: 2 }).densities)).toMatch(/mirrored at 0.*× 2/);
  });

  it('has round ticks', () => {
    expect(logTicks(700, 9e6)).toEqual([1e3, 1e4, 1e5, 1e6]);
    expect(logTicks(900, 2100)).toEqual([1000, 2000]);
  });
});

describe('the cards', () => {
  it('rename, choose a baseline and remove; names are text, never markup', () => {
    const [model, actions] = [new LatencyModel(), actionsOf()];
    const card = new SetsCard(model, actions).element;
    document.body.append(card);
    model.accept(stateOf(1));
    const [label] = [...card.querySelectorAll<HTMLInputElement>('input[data-key="1 label"]')];
    expect(label!.value).toBe(hostileName);
    label!.value = 'fixed point';
    label!.dispatchEvent(new Event('change'));
    expect(actions.changeSet).toHaveBeenCalledWith({ set: 1, label: 'fixed point' });
    const buttons = [...card.querySelectorAll<HTMLButtonElement>('button')];
    buttons.find(({ textContent }) => textContent === 'Make baseline')!.click();
    expect(actions.setBaseline).toHaveBeenCalledWith(hostileName);
    buttons.findLast(({ textContent }) => textContent === 'Remove')!.click();
    expect(actions.removeSet).toHaveBeenCalledWith(1);
    expect(card.querySelectorAll('script, img')).toHaveLength(0);
    card.remove();
  });

  it('make the baseline of a set that was renamed by its new label', () => {
    const [model, actions] = [new LatencyModel(), actionsOf()];
    const card = new SetsCard(model, actions).element;
    const state = stateOf(1);
    model.accept(state);
    const sets = state.densities.sets.map((view, at) =>
      at === 1 ? { ...view, set: { ...view.set, label: 'fixed point' } } : view,
    );
    model.accept({ ...state, version: 2, densities: { ...state.densities, sets } });
    const buttons = [...card.querySelectorAll<HTMLButtonElement>('button')];
    buttons.find(({ textContent }) => textContent === 'Make baseline')!.click();
    expect(actions.setBaseline).toHaveBeenCalledWith('fixed point');
  });

  it('keep what is being typed when an answer comes', () => {
    const model = new LatencyModel();
    const card = new SetsCard(model, actionsOf()).element;
    document.body.append(card);
    model.accept(stateOf(1));
    const input = card.querySelector<HTMLInputElement>('input[data-key="0 probe"]')!;
    input.focus();
    input.value = 'half a wo';
    model.accept(stateOf(2));
    expect(card.querySelector<HTMLInputElement>('input[data-key="0 probe"]')!.value).toBe('half a wo');
    card.remove();
  });

  it('show figures and ratios; an older state does not replace a newer one', () => {
    const model = new LatencyModel();
    const card = createFiguresCard(model, new Signal(theme), actionsOf());
    model.accept(stateOf(2));
    expect(card.textContent).toContain('2.000');
    expect(card.textContent).toContain('1.146 µs');
    model.accept(stateOf(1, { axis: 'linear' }));
    expect(model.state.value!.densities.settings.axis).toBe('log');
  });
});
