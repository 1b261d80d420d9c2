import type { ChartConfiguration } from 'chart.js';
import type { HistoryView, MetricsView, TrainingView } from '../../../src/protocol/trainingPanelMessages.js';
import { formatBytes, formatCountShort } from '../../common/format.js';
import type { Rgb } from '../../common/colour.js';
import type { Theme } from '../../common/theme.js';
import { bestBaseline } from '../model/trainingModel.js';
import type { Trail, TrailPoint } from '../model/trail.js';
import { formatAccuracy, formatLoss, formatRate, mainFigureText } from '../model/words.js';
import { lineChart, pointsOf, type Line, type Point } from './lineChart.js';

/** What charts are drawn from. */
export interface Course {
  readonly view: Pick<TrainingView, 'state' | 'task' | 'epochs' | 'best'>;
  readonly history: HistoryView;
  readonly metrics: MetricsView | null;
  readonly trail: Trail;
}

/** A chart, and what it shows in words; `null` while there is nothing to draw. */
export interface Drawn {
  readonly configuration: ChartConfiguration<'line'>;
  /** What it is drawn of, for the key. */
  readonly lines: readonly Line[];
  readonly description: string;
}

export type Draw = (course: Course, theme: Theme) => Drawn | null;

/** Losses by epoch, the best one marked, and the mean of the epoch that runs. */
export const drawLoss: Draw = (course, theme) => {
  const { history, view } = course;
  const train = pointsOf(history.epoch, history.trainLoss);
  const validation = pointsOf(history.epoch, history.validationLoss);
  const running = trailOf(course, ({ loss }) => loss, train.at(-1));
  if (train.length === 0 && running.length === 0) return null;
  const lines: Line[] = [];
  if (view.best !== null && train.length > 0) {
    const { epoch, loss } = view.best;
    lines.push({
      label: `best epoch (${epoch})`,
      points: [{ x: epoch, y: loss }],
      colour: theme.foreground,
      mark: 'star',
      isMarkOnly: true,
      order: 0,
    });
  }
  if (train.length > 0) lines.push({ label: 'training', points: train, colour: theme.blue });
  if (validation.length > 0) {
    lines.push({
      label: 'validation',
      points: validation,
      colour: theme.yellow,
      mark: 'triangle',
      dash: [7, 3],
    });
  }
  if (running.length > 0) lines.push(runningLine(running, theme.blue));
  return {
    configuration: lineChart(lines, { ...axesOf(course), yTitle: 'loss', ...LOSS }, theme),
    lines,
    description: `Loss by epoch. ${lines.map((line) => inWords(line, formatLoss)).join(' ')}`,
  };
};

/** The learning rate by epoch on a logarithmic axis. */
export const drawRate: Draw = (course, theme) => {
  const { history } = course;
  const running = course.trail.points.at(-1);
  const points = pointsOf(history.epoch, history.learningRate);
  if (running !== undefined && running.at > (points.at(-1)?.x ?? 0)) {
    points.push({ x: running.at, y: running.learningRate });
  }
  const positive = points.filter(({ y }) => y > 0);
  if (positive.length === 0) return null;
  const line = { label: 'learning rate', points: positive, colour: theme.purple, isStepped: true };
  const axes = { ...axesOf(course), yTitle: 'learning rate', format: formatRate, isLogarithmic: true };
  const configuration = lineChart([line], axes, theme);
  const [least, greatest] = extremes(positive);
  const y = configuration.options?.scales?.['y'];
  // Whole powers of ten, and at least one on either side of a rate that does not change.
  if (y !== undefined) Object.assign(y, { min: powerBelow(least), max: powerAbove(greatest) });
  return {
    configuration,
    lines: [line],
    description: `Learning rate by epoch. ${inWords(line, formatRate)}`,
  };
};

function powerBelow(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return power > value * 0.99 ? power / 10 : power;
}

function powerAbove(value: number): number {
  const power = 10 ** Math.ceil(Math.log10(value));
  return power < value * 1.01 ? power * 10 : power;
}

/** Accuracy or error on the validation part, with the best baseline once it is measured. */
export const drawQuality: Draw = (course, theme) => {
  const { history, view, metrics } = course;
  const isTask = view.task !== 'inter-arrival';
  const main = pointsOf(history.epoch, isTask ? history.accuracy : history.error);
  if (main.length === 0) return null;
  const formats = isTask ? SHARE : LOSS;
  const { format } = formats;
  const lines: Line[] = [
    { label: isTask ? 'accuracy' : 'error', points: main, colour: theme.blue, order: 2 },
  ];
  const withoutIdle = pointsOf(history.epoch, history.accuracyWithoutIdle);
  if (isTask && withoutIdle.length > 0) {
    lines.push({
      label: 'accuracy without idle',
      points: withoutIdle,
      colour: theme.green,
      mark: 'triangle',
      dash: [7, 3],
    });
  }
  const axes = axesOf(course);
  const baseline = bestBaseline(metrics, 'validation');
  const level = baseline === undefined ? null : isTask ? baseline.accuracy : baseline.maeLog;
  if (baseline !== undefined && level !== null) {
    lines.push({
      label: `best baseline: ${baseline.name}, ${mainFigureText(baseline)}`,
      points: [0, Math.max(1, axes.lastEpoch)].map((x) => ({ x, y: level })),
      colour: theme.yellow,
      dash: [2, 3],
      isUnmarked: true,
    });
  }
  const yTitle = isTask ? 'share of right guesses' : 'mean |error| of ln(1 + ns)';
  const words = lines.map((line) => inWords(line, format)).join(' ');
  return {
    configuration: lineChart(lines, { ...axes, yTitle, ...formats }, theme),
    lines,
    description: `${isTask ? 'Accuracy' : 'Error'} on the validation part by epoch. ${words}`,
  };
};

/** Windows a second. */
export const drawSpeed: Draw = (course, theme) =>
  drawSimple(course, theme, {
    label: 'examples a second',
    values: course.history.examplesPerSecond,
    ofTrail: ({ examplesPerSecond }) => examplesPerSecond,
    format: formatCountShort,
  });

/** Memory of the engine: weights, gradients, what a step needs. */
export const drawMemory: Draw = (course, theme) =>
  drawSimple(course, theme, {
    label: 'memory of the engine',
    values: course.history.memoryBytes,
    ofTrail: ({ memoryBytes }) => memoryBytes,
    format: formatBytes,
  });

interface Simple {
  readonly label: string;
  readonly values: readonly (number | null)[];
  readonly ofTrail: (point: TrailPoint) => number | null;
  readonly format: (value: number) => string;
}

function drawSimple(course: Course, theme: Theme, { label, values, ofTrail, format }: Simple): Drawn | null {
  const points = pointsOf(course.history.epoch, values);
  const running = trailOf(course, ofTrail, points.at(-1));
  const lines: Line[] = [];
  if (points.length > 0) lines.push({ label, points, colour: theme.green });
  if (running.length > 0) lines.push(runningLine(running, theme.green));
  if (lines.length === 0) return null;
  return {
    configuration: lineChart(lines, { ...axesOf(course), yTitle: label, format, fromZero: true }, theme),
    lines,
    description: `${label} by epoch. ${lines.map((line) => inWords(line, format)).join(' ')}`,
  };
}

function runningLine(points: readonly Point[], colour: Rgb): Line {
  return { label: 'this epoch so far', points, colour, dash: [2, 3], isUnmarked: true, width: 1.5 };
}

// Quantile and cross-entropy losses are never negative.
const LOSS = {
  format: formatLoss,
  formatTick: (value: number) => String(Number(value.toPrecision(4))),
  least: 0,
};
const SHARE = {
  format: formatAccuracy,
  formatTick: (value: number) => `${Number((value * 100).toFixed(2))} %`,
  least: 0,
  greatest: 1,
};

function axesOf({ history, trail, view }: Course): { readonly lastEpoch: number } {
  const done = Math.max(history.epoch.at(-1) ?? 0, Math.ceil(trail.points.at(-1)?.at ?? 0));
  // A run of few epochs shows how far it has to go; of a long one the course so far is what counts.
  return { lastEpoch: view.epochs <= 30 && view.state !== 'finished' ? Math.max(done, view.epochs) : done };
}

/** Points of the epoch that runs, but not of one that is in the history already. */
function trailOf(
  { history, trail }: Course,
  read: (point: TrailPoint) => number | null,
  from?: Point,
): Point[] {
  if (trail.epoch <= (history.epoch.at(-1) ?? 0)) return [];
  const points = trail.points.flatMap((point) => {
    const y = read(point);
    return y === null || !Number.isFinite(y) ? [] : [{ x: point.at, y }];
  });
  return from === undefined || points.length === 0 ? points : [from, ...points];
}

function extremes(points: readonly Point[]): [least: number, greatest: number] {
  return points.reduce<[number, number]>(
    ([least, greatest], { y }) => [Math.min(least, y), Math.max(greatest, y)],
    [Infinity, -Infinity],
  );
}

/** A line in words: where it begins, ends, and its extremes. */
function inWords({ label, points }: Line, format: (value: number) => string): string {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined) return `${label}: none.`;
  if (points.length === 1 || first.y === last.y) return `${label}: ${format(last.y)}.`;
  const [least, greatest] = extremes(points);
  return `${label}: from ${format(first.y)} to ${format(last.y)}, least ${format(least)}, greatest ${format(greatest)}.`;
}
