import type { Forecast } from '../../../src/protocol/forecast.js';
import { ExportCard } from '../../common/exportCard.js';
import { figureTable, type FigureColumn } from '../../common/figureTable.js';
import { formatCount, formatShare } from '../../common/format.js';
import {
  commonestTasks,
  isRight,
  tellsTasks,
  tellsTimes,
  timesAt,
  toldSteps,
  type TimesAt,
} from '../model/figures.js';
import { nsText, taskText } from '../model/words.js';
import { fileNameOf, type CardContext } from './cardContext.js';

/** The forecast in figures, at steps 1, 10, 100 and 1,000: what the pictures show, for those who cannot see them. */
export function createStepsCard(context: CardContext): HTMLElement {
  const { model, theme } = context;
  const card = new ExportCard({
    title: 'Step by step',
    fileName: () => fileNameOf(context, 'steps'),
    theme,
    save: context.save,
    hasChart: false,
  });
  model.forecast.subscribe((forecast) => {
    card.element.hidden = forecast === null;
    if (forecast !== null) {
      card.setTable(figureTable('Forecast at some steps', columnsOf(forecast), toldSteps(forecast)));
    }
  });
  card.element.hidden = true;
  return card.element;
}

type Column = FigureColumn<number>;

function columnsOf(forecast: Forecast): Column[] {
  const step: Column = {
    label: 'Step',
    title: 'Events ahead of the origin',
    numeric: true,
    cell: (row) => formatCount(row),
    csv: { step: (row) => row },
  };
  return [
    step,
    ...(tellsTasks(forecast) ? taskColumns(forecast) : []),
    ...(tellsTimes(forecast) ? timeColumns(forecast) : []),
  ];
}

function taskColumns(forecast: Forecast): Column[] {
  const commonest = commonestTasks(forecast);
  const { actual, samples } = forecast;
  const name = (row: number) => taskText(forecast, commonest[row - 1]!.task);
  const verdict = (row: number) => {
    const right = isRight(commonest[row - 1]!.task, actual.task[row - 1]);
    return right === null ? 'not recorded' : right ? 'right' : 'wrong';
  };
  const text = (label: string, title: string, id: string, of: (row: number) => string): Column => ({
    label,
    title,
    numeric: false,
    cell: of,
    csv: { [id]: of },
  });
  return [
    text('Task that came', 'What was recorded', 'came', (row) => taskText(forecast, actual.task[row - 1])),
    text('Task forecast', 'The one that most samples have', 'forecast', name),
    ...(samples.length === 1
      ? []
      : [
          {
            label: 'Of the samples',
            title: 'Share of the samples that have it',
            numeric: true,
            cell: (row: number) => formatShare(commonest[row - 1]!.share),
            csv: { share: (row: number) => commonest[row - 1]!.share },
          },
        ]),
    text('Verdict', 'Whether it was the one that came', 'verdict', verdict),
  ];
}

function timeColumns(forecast: Forecast): Column[] {
  const time = (label: string, title: string, id: keyof TimesAt): Column => ({
    label,
    title,
    numeric: true,
    cell: (row) => nsText(timesAt(forecast, row)[id]),
    csv: { [`${id}_ns`]: (row) => timesAt(forecast, row)[id] },
  });
  const came = time('Time that came', 'What was recorded', 'came');
  if (forecast.quantiles === null) return [came, time('Forecast', 'Of the one path', 'middle')];
  return [
    came,
    time('Median', 'Of the samples', 'middle'),
    time('25 %', 'Lower end of the central 50 %', 'low50'),
    time('75 %', 'Upper end of the central 50 %', 'high50'),
    time('5 %', 'Lower end of the central 90 %', 'low90'),
    time('95 %', 'Upper end of the central 90 %', 'high90'),
  ];
}
