import type { Calibration, CalibrationBin } from '../../../src/protocol/evaluation.js';
import { figureTable, type FigureColumn } from '../../common/figureTable.js';
import { formatCount } from '../../common/format.js';
import type { Theme } from '../../common/theme.js';
import { formatAccuracy } from '../../training/model/words.js';
import { plainLines } from '../charts/plainLines.js';
import { partWords } from '../model/measures.js';
import { cardOf, follow, unknown, type CardContext } from './cardParts.js';

/** Whether "90 %" means 90 of 100: the reliability curve, and the expected calibration error. */
export function createCalibrationCard(context: CardContext): HTMLElement {
  const { model, theme } = context;
  const card = cardOf(context, { title: 'Calibration', file: 'calibration', isOfPart: true, isBeside: true });
  follow(context, () => {
    const part = model.shownPart;
    card.element.hidden = part?.task !== 'next-task';
    if (part?.task !== 'next-task') return;
    const { calibration } = part;
    card.setWords(
      `Expected calibration error ${formatAccuracy(calibration.ece)}: so far its confidence is from how often it is right, on average.`,
    );
    card.setChart({
      configuration: reliabilityChart(calibration, theme.value),
      description: describe(calibration, partWords(part.part).label),
    });
    card.setTable(figureTable('Calibration by confidence', COLUMNS, calibration.bins));
    card.setNote(
      'Over all events. On the dashed line confidence is what it claims to be; below it the model is too sure of itself.',
    );
  });
  return card.element;
}

export function reliabilityChart({ bins }: Calibration, theme: Theme) {
  const filled = bins.filter(({ events }) => events > 0);
  const most = Math.max(1, ...filled.map(({ events }) => events));
  const perfect = [0, 1].map((at) => ({ x: at, y: at }));
  const points = filled.map(({ confidence, accuracy }) => ({ x: confidence, y: accuracy }));
  const percent = (value: number) => `${Math.round(value * 100)} %`;
  return plainLines(
    {
      lines: [
        { label: 'perfect', points: perfect, colour: theme.muted, mark: 'none', dash: [5, 4], width: 1 },
        { label: 'model', points, colour: theme.blue, mark: 'circle', radius: 4 },
      ],
      x: { title: 'confidence of the first guess', format: percent, min: 0, max: 1 },
      y: { title: 'share that was right', format: percent, min: 0, max: 1 },
      tooltip: (_line, { x, y }, at) => [
        `confidence ${formatAccuracy(x)}`,
        `right ${formatAccuracy(y)}`,
        `${formatCount(filled[at]?.events ?? 0)} events${filled[at]?.events === most ? ', the most of all' : ''}`,
      ],
    },
    theme,
  );
}

function describe({ ece, bins }: Calibration, part: string): string {
  const told = bins
    .filter(({ events }) => events > 0)
    .map(
      ({ confidence, accuracy }) =>
        `confidence ${formatAccuracy(confidence)}: right ${formatAccuracy(accuracy)}`,
    );
  return `Calibration, ${part}. Expected calibration error ${formatAccuracy(ece)}. ${told.join('. ')}.`;
}

const COLUMNS: readonly FigureColumn<CalibrationBin>[] = [
  {
    label: 'Confidence',
    title: 'Bounds of the bin',
    numeric: false,
    cell: ({ from, to }) => `${Math.round(from * 100)} … ${Math.round(to * 100)} %`,
    csv: { from: ({ from }) => from, to: ({ to }) => to },
  },
  {
    label: 'Events',
    title: 'Whose first guess has such a confidence',
    numeric: true,
    cell: ({ events }) => formatCount(events),
    csv: { events: ({ events }) => events },
  },
  {
    label: 'Mean confidence',
    title: 'Of these events',
    numeric: true,
    cell: ({ events, confidence }) => (events === 0 ? unknown('no events') : formatAccuracy(confidence)),
    csv: { confidence: ({ events, confidence }) => (events === 0 ? null : confidence) },
  },
  {
    label: 'Right',
    title: 'Share of these events whose first guess was right',
    numeric: true,
    cell: ({ events, accuracy }) => (events === 0 ? unknown('no events') : formatAccuracy(accuracy)),
    csv: { accuracy: ({ events, accuracy }) => (events === 0 ? null : accuracy) },
  },
];
