import { describe, expect, it } from 'vitest';
import { ViewAnimator } from '../../../webview/trace/timeline/animator.js';
import { tickLabel, tickOffsets, tickStep } from '../../../webview/trace/timeline/ticks.js';
import {
  around,
  between,
  centredOn,
  clampView,
  fitted,
  minimumSpanNs,
  ordered,
  span,
  timeOfX,
  xOfTime,
  zoomed,
} from '../../../webview/trace/timeline/viewport.js';

const bounds = { startNs: 0, endNs: 1_000_000 };

describe('views', () => {
  it('keep the time under the pointer when zoomed', () => {
    const view = { startNs: 1000, endNs: 2000 };
    const next = zoomed(view, 1250, 0.5);
    expect(xOfTime(1250, next, 800)).toBeCloseTo(xOfTime(1250, view, 800), 9);
    expect(span(next)).toBe(500);
  });

  it('turn places into times and back', () => {
    const view = { startNs: 123, endNs: 7891 };
    expect(timeOfX(xOfTime(4567, view, 1371), view, 1371)).toBeCloseTo(4567, 6);
  });

  it('are kept within the recording and above the least span', () => {
    expect(clampView({ startNs: -5e9, endNs: 5e9 }, bounds)).toEqual(fitted(bounds));
    const right = clampView({ startNs: 1_500_000, endNs: 1_600_000 }, bounds);
    expect(right.endNs).toBe(fitted(bounds).endNs);
    expect(span(right)).toBeCloseTo(100_000, 6);
    expect(span(clampView({ startNs: 10, endNs: 11 }, bounds))).toBe(minimumSpanNs);
    expect(span(zoomed({ startNs: 0, endNs: 30 }, 15, 0.001))).toBe(minimumSpanNs);
  });

  it('make room around what they are to show', () => {
    const shown = around({ startNs: 1000, endNs: 2000 });
    expect(shown.startNs).toBeLessThan(1000);
    expect(shown.endNs).toBeGreaterThan(2000);
    expect(centredOn({ startNs: 0, endNs: 100 }, { startNs: 500, endNs: 510 })).toEqual({
      startNs: 455,
      endNs: 555,
    });
    expect(span(centredOn({ startNs: 0, endNs: 100 }, { startNs: 500, endNs: 900 }))).toBe(500);
    expect(ordered(5, 3)).toEqual({ startNs: 3, endNs: 5 });
  });

  it('move from one to the other evenly and arrive', () => {
    const [from, to] = [
      { startNs: 0, endNs: 1000 },
      { startNs: 400, endNs: 410 },
    ];
    expect(between(from, to, 0)).toEqual(from);
    expect(between(from, to, 1)).toEqual(to);
    const half = between(from, to, 0.5);
    expect(span(half)).toBeCloseTo(100, 6);
    expect(half.startNs).toBeGreaterThanOrEqual(0);
    expect(between(from, { startNs: 500, endNs: 1500 }, 0.5)).toEqual({ startNs: 250, endNs: 1250 });
  });
});

describe('the animator', () => {
  it('comes to rest exactly on its target', () => {
    const animator = new ViewAnimator();
    const target = { startNs: 5000, endNs: 6000 };
    let view = { startNs: 0, endNs: 100_000 };
    animator.start(target, 0);
    let steps = 0;
    for (let ms = 16; animator.target !== null; ms += 16) {
      view = animator.step(view, ms) ?? view;
      expect(++steps).toBeLessThan(100);
    }
    expect(view).toEqual(target);
    expect(animator.step(view, 9999)).toBeNull();
  });
});

describe('the ruler', () => {
  it('steps by 1, 2 and 5', () => {
    for (let exponent = 1; exponent < 12; exponent += 0.1) {
      const spanNs = 10 ** exponent;
      const step = tickStep(spanNs, 1000, 100);
      expect(['1', '2', '5']).toContain(step.toString()[0]);
      expect((step / spanNs) * 1000).toBeGreaterThanOrEqual(99.9);
    }
  });

  it('marks round values of the time that is shown', () => {
    const view = { startNs: 95, endNs: 310 };
    expect(tickOffsets(view, 100, 7n, 'relative')).toEqual([100, 200, 300]);
    expect(tickOffsets(view, 100, 7n, 'absolute')).toEqual([193, 293]);
  });

  it('labels neighbouring marks differently', () => {
    for (const startNs of [0, 999_000, 12_345_678_900]) {
      for (const step of [1, 20, 500, 10_000, 2_000_000, 500_000_000, 10_000_000_000]) {
        const view = { startNs, endNs: startNs + step * 10 };
        const offsets = tickOffsets(view, step, 7_123_004_567_891_234n, 'relative');
        const labels = offsets.map((offset) => tickLabel(offset, step, view, 0n, 'relative'));
        expect(new Set(labels).size).toBe(labels.length);
      }
    }
  });

  it('writes units that suit the view, and seconds for the clock', () => {
    const view = { startNs: 0, endNs: 3_000_000_000 };
    expect(tickLabel(500_000_000, 500_000_000, view, 0n, 'relative')).toBe('0.5 s');
    expect(tickLabel(0, 200, { startNs: 0, endNs: 2000 }, 0n, 'relative')).toBe('0.0 µs');
    expect(tickLabel(109, 1, view, 7_123_004_567_891_234n, 'absolute')).toBe('7123004.567891343');
    expect(tickLabel(0, 1_000_000_000, view, 7_123_000_000_000n, 'absolute')).toBe('7123.000');
  });
});
