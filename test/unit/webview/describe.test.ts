import { describe, expect, it } from 'vitest';
import { ThreadState } from '../../../src/protocol/traceMessages.js';
import {
  describeHistogram,
  binLabels,
  latencyHistogramChart,
  occupiedBins,
} from '../../../webview/common/charts/latencyHistogram.js';
import { buildTheme } from '../../../webview/common/theme.js';
import { warningsOf } from '../../../webview/trace/chrome/banner.js';
import { describeTrace, progressShare } from '../../../webview/trace/chrome/progress.js';
import { explainLeftState, stateName, stateOf } from '../../../webview/trace/model/stateNames.js';
import {
  isLane,
  readFailure,
  readReveal,
  readSummary,
  readViewState,
} from '../../../webview/trace/model/validate.js';
import { announcement, describeLoss, describeSegment } from '../../../webview/trace/timeline/describe.js';
import { FrameStats, quantiles } from '../../../webview/trace/timeline/frameStats.js';
import { actionOf, helpEntries } from '../../../webview/trace/timeline/keyboard.js';
import { wheelPixels, wheelZoomFactor } from '../../../webview/trace/timeline/pointer.js';
import { placeBeside } from '../../../webview/trace/timeline/tooltip.js';
import { laneOf, summary, threadName } from './lanes.js';

const nameOf = (thread: number) => threadName(thread, `task${thread}`);

describe('tooltips', () => {
  it('give exact times of a slice', () => {
    const lane = laneOf({ kind: 'cpu', cpu: 3 }, [{ start: 1_195_014_654, end: 1_195_089_211, value: 7 }]);
    const { title, lines } = describeSegment(lane, 0, 7_123_004_567_891_234n, nameOf);
    expect(title).toBe('task7 · 107');
    expect(Object.fromEntries(lines)).toEqual({
      State: 'running on CPU 3',
      Duration: '74.557 µs',
      Start: '+1.195014654 s',
      End: '+1.195089211 s',
      Clock: '7123005.762905888',
    });
  });

  it('say that a pixel summarises several slices', () => {
    const lane = laneOf({ kind: 'cpu', cpu: 0 }, [{ start: 0, end: 10, value: 1, count: 1200, fill: 0.25 }]);
    const { title, lines } = describeSegment(lane, 0, 0n, nameOf);
    expect(title).toBe('Mostly task1 · 101');
    expect(lines[0]?.[1]).toContain('1,200');
    expect(lines[1]).toEqual(['CPU busy', '25 %']);
  });

  it('name the state of a thread, and the CPU only where it is known', () => {
    const lane = laneOf({ kind: 'thread', thread: 2 }, [
      { start: 0, end: 10, value: 4, state: ThreadState.Runnable },
      { start: 10, end: 20, value: 65_535, state: ThreadState.Uninterruptible },
    ]);
    expect(describeSegment(lane, 0, 0n, nameOf).lines[0]).toEqual(['State', 'runnable after wakeup · CPU 4']);
    expect(describeSegment(lane, 1, 0n, nameOf).lines[0]).toEqual(['State', 'uninterruptible sleep']);
    expect(describeSegment(lane, 0, 0n, () => undefined).title).toBe('thread 2');
  });

  it('tell run queue depths and losses', () => {
    const lane = laneOf({ kind: 'depth', cpu: 1 }, [{ start: 0, end: 5, value: 3, fill: 1.5, count: 4 }]);
    expect(describeSegment(lane, 0, 0n, nameOf).lines.slice(0, 2)).toEqual([
      ['Runnable, most', '3'],
      ['Runnable, mean', '1.50'],
    ]);
    expect(describeLoss({ cpu: 2, startNs: 0, endNs: 5, count: 812 }, 0n).lines[0]).toEqual([
      'Lost',
      '812 events',
    ]);
    expect(describeLoss({ cpu: 2, startNs: 0, endNs: 5, count: null }, 0n).lines[0]?.[1]).toContain(
      'unknown',
    );
  });

  it('stay inside the window', () => {
    expect(placeBeside(10, 10, 100, 50, 800, 600)).toEqual({ left: 24, top: 24 });
    expect(placeBeside(790, 590, 100, 50, 800, 600)).toEqual({ left: 676, top: 526 });
    expect(placeBeside(50, 20, 300, 700, 320, 600)).toEqual({ left: 0, top: 0 });
  });

  it('have a counterpart for screen readers', () => {
    expect(announcement('nginx', 9, ThreadState.Running, 2, 1000, null)).toBe(
      'nginx 9, running on CPU 2, at +0.000001000 s until the end of the recording.',
    );
  });
});

describe('states', () => {
  it('have a name each; unknown bytes are Unknown', () => {
    const names = [0, 1, 2, 3, 4, 5, 6].map((byte) => stateName(stateOf(byte)));
    expect(new Set(names).size).toBe(7);
    expect(stateOf(200)).toBe(ThreadState.Unknown);
  });

  it('are explained as the kernel prints them', () => {
    expect(explainLeftState('S')).toContain('sleeping');
    expect(explainLeftState('R+')).toContain('preempted by the kernel');
    expect(explainLeftState('D|K')).toMatch(/uninterruptible.*fatal/);
    expect(explainLeftState('?')).toBe('state ?');
  });
});

describe('messages from the host', () => {
  it('are taken only when they are what they should be', () => {
    expect(readSummary(summary)).toEqual(summary);
    expect(readSummary({ ...summary, baseNs: 'x' })).toBeNull();
    expect(readSummary({ ...summary, cpus: 'all' })).toBeNull();
    expect(readSummary(null)).toBeNull();
    expect(readReveal({ range: null, thread: 3 })).toEqual({ range: null, thread: 3 });
    expect(readReveal({ range: 5 })).toBeNull();
    expect(readFailure({ message: 'a\nb' }).message).toBe('a\nb');
    expect(readFailure(undefined).message).not.toBe('');
    expect(readViewState({ range: null, selection: null, thread: null, filter: '' })).not.toBeNull();
    expect(readViewState(undefined)).toBeNull();
  });

  it('hold lanes whose arrays are of one length', () => {
    const lane = laneOf({ kind: 'cpu', cpu: 0 }, [{ start: 0, end: 1 }]);
    expect(isLane(lane)).toBe(true);
    expect(isLane({ ...lane, fill: new Float32Array(0) })).toBe(false);
  });
});

describe('what is said of a recording', () => {
  it('warns of losses, overwritten events and errors', () => {
    expect(warningsOf(summary)).toEqual([]);
    expect(warningsOf({ ...summary, overwrittenEvents: 12_034 })[0]).toContain(
      '12,034 older events were overwritten',
    );
    expect(
      warningsOf({ ...summary, lostEvents: 5, losses: [{ cpu: 0, startNs: 0, endNs: 0, count: 5 }] }),
    ).toEqual(['5 events were lost in one place; the gaps are hatched.']);
    expect(
      warningsOf({ ...summary, remarks: [{ severity: 'error', message: 'x', line: 1, source: null }] })[0],
    ).toContain('1 part');
    expect(
      warningsOf({
        ...summary,
        remarks: [{ severity: 'warning', message: 'odd clock', line: 1, source: null }],
      }),
    ).toEqual(['odd clock']);
    expect(
      warningsOf({ ...summary, remarks: [{ severity: 'info', message: 'fine', line: null, source: null }] }),
    ).toEqual([]);
  });

  it('tells how far reading has come', () => {
    const reading = { ...summary, complete: false, doneBytes: 250 };
    expect(progressShare(reading)).toBe(0.25);
    expect(progressShare({ ...reading, totalBytes: null })).toBeNull();
    expect(describeTrace(reading)).toBe('Reading 25 % · 250 B of 1000 B · 1 k events');
    expect(describeTrace(summary)).toBe('tracefs text · 1 k events · 2 CPUs · 3 threads · 1 ms');
  });
});

describe('the latency histogram', () => {
  const edgesNs = Array.from({ length: 17 }, (_, index) => Math.round(100 * 10 ** (index / 4)));
  const bins = (filled: Readonly<Record<number, number>>) =>
    edgesNs.slice(1).map((_, bin) => filled[bin] ?? 0);
  const histogram = {
    edgesNs,
    wakeupLatency: bins({ 5: 10, 6: 30 }),
    preemptionWait: bins({ 9: 4 }),
    wakeupCount: 40,
    preemptionCount: 4,
  };
  const theme = buildTheme('dark', () => '');

  it('shows the bins that hold something', () => {
    expect(occupiedBins(histogram)).toEqual({ from: 4, to: 11 });
    const chart = latencyHistogramChart(histogram, theme, false);
    expect(chart.data.datasets.map((dataset) => dataset.data)).toEqual([
      [0, 10, 30, 0, 0, 0, 0],
      [0, 0, 0, 0, 0, 4, 0],
    ]);
    expect(chart.data.datasets.map((dataset) => dataset.label)).toEqual([
      'Wakeup latency',
      'Preemption wait',
    ]);
    expect(occupiedBins({ ...histogram, wakeupLatency: bins({}), preemptionWait: bins({}) })).toEqual({
      from: 0,
      to: 16,
    });
  });

  it('labels round durations', () => {
    const labels = binLabels(edgesNs);
    expect(labels[0]).toBe('100 ns');
    expect(labels[4]).toBe('1 µs');
    expect(labels[8]).toBe('10 µs');
    expect(labels.filter((label) => label !== '')).toHaveLength(4);
  });

  it('has a linear or a logarithmic scale of counts', () => {
    expect(latencyHistogramChart(histogram, theme, true).options?.scales?.['y']?.type).toBe('logarithmic');
    expect(latencyHistogramChart(histogram, theme, false).options?.scales?.['y']?.type).toBe('linear');
  });

  it('is told in words', () => {
    expect(describeHistogram(histogram)).toContain('Wakeup latency: 40 values, most often between');
    expect(describeHistogram({ ...histogram, wakeupCount: null })).toContain('Wakeup latency: unknown');
  });
});

describe('keys and wheels', () => {
  const key = (name: string, modifiers = {}) => ({
    key: name,
    ctrlKey: false,
    metaKey: false,
    altKey: false,
    ...modifiers,
  });

  it('leave lists, buttons and the editor their keys', () => {
    expect(actionOf(key('w'), false)).toBeDefined();
    expect(actionOf(key('ArrowLeft'), false)).toBeUndefined();
    expect(actionOf(key('ArrowLeft'), true)).toBeDefined();
    expect(actionOf(key('f', { ctrlKey: true }), true)).toBeUndefined();
    expect(actionOf(key('constructor'), true)).toBeUndefined();
  });

  it('are all in the help', () => {
    const text = helpEntries.flatMap(([keys]) => keys).join(' ');
    for (const name of ['W', 'S', 'A', 'D', 'F', 'M', '/', 'N', 'P', 'Enter', 'Esc', '?', 'Wheel', 'Drag'])
      expect(text).toContain(name);
  });

  it('zoom in and out by the same factor', () => {
    expect(wheelZoomFactor(100, false) * wheelZoomFactor(-100, false)).toBeCloseTo(1, 9);
    expect(wheelZoomFactor(100, false)).toBeGreaterThan(1.1);
    expect(wheelZoomFactor(1e9, true)).toBeLessThan(12);
    expect(wheelPixels(3, 1)).toBe(60);
  });
});

describe('frame figures', () => {
  it('are quantiles of draws and of intervals without rests', () => {
    const stats = new FrameStats();
    for (const frameMs of [0, 16, 32, 5000, 5016]) stats.record(frameMs, 2);
    const figures = stats.figures(true);
    expect(figures.frames).toBe(5);
    expect(figures.intervalMs).toMatchObject({ count: 3, max: 16 });
    expect(stats.figures(false).frames).toBe(0);
    expect(quantiles([5, 1, 3, 2, 4])).toEqual({ count: 5, mean: 3, p50: 3, p95: 5, max: 5 });
  });
});
