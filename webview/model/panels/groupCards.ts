import type { Estimate, TaskGroup, TimeGroup } from '../../../src/protocol/evaluation.js';
import {
  describeIntervals,
  intervalChart,
  intervalChartHeight,
  type IntervalRow,
} from '../../common/charts/intervalChart.js';
import { figureTable, type FigureColumn } from '../../common/figureTable.js';
import { formatCount } from '../../common/format.js';
import { formatAccuracy, formatLoss } from '../../training/model/words.js';
import { estimateText, numberTick, partWords, shareTick } from '../model/measures.js';
import { cardOf, follow, unknown, type CardContext } from './cardParts.js';

/** More rows are not drawn; the table has them all. */
const DRAWN = 40;

/** A workload or CPU, whatever the task. */
interface Group {
  readonly name: string;
  readonly category: string | null;
  /** `null`: the part is neither the seen nor the unseen one. */
  readonly seen: 'seen' | 'unseen' | null;
  readonly targets: number;
  readonly model: Estimate;
  readonly withoutIdle: number | null;
  readonly best: { readonly name: string; readonly value: number } | null;
}

/** Accuracy or error by workload: what table 2 of the TCN paper shows, for this run. */
export function createWorkloadsCard(context: CardContext): HTMLElement {
  const { model } = context;
  return createGroupsCard(context, 'By workload', 'workloads', () => {
    const part = model.shownPart;
    if (part === null) return null;
    const seen = part.part === 'seen' || part.part === 'unseen' ? part.part : null;
    if (part.task === 'inter-arrival') {
      return { isTask: false, groups: part.byWorkload.map((group) => timeGroup(group, seen)), note: '' };
    }
    const { workloadTop1 } = part.macro;
    return {
      isTask: true,
      groups: part.byWorkload.map((group) => taskGroup(group, seen)),
      note: `The mean over workloads, each counting the same, is ${formatAccuracy(workloadTop1)}. A workload with many idle events is easy to guess: the column without idle tells more.`,
    };
  });
}

/** The same by CPU; only of next tasks. */
export function createCpusCard(context: CardContext): HTMLElement {
  const { model } = context;
  return createGroupsCard(context, 'By CPU', 'cpus', () => {
    const part = model.shownPart;
    if (part?.task !== 'next-task' || part.byCpu.length === 0) return null;
    const groups = part.byCpu.map((group) => ({ ...taskGroup(group, null), name: `CPU ${group.name}` }));
    return { isTask: true, groups, note: '' };
  });
}

interface Groups {
  readonly isTask: boolean;
  readonly groups: readonly Group[];
  readonly note: string;
}

function createGroupsCard(
  context: CardContext,
  title: string,
  file: string,
  read: () => Groups | null,
): HTMLElement {
  const { model, theme } = context;
  const card = cardOf(context, { title, file, isOfPart: true });
  follow(context, () => {
    const found = read();
    card.element.hidden = found === null;
    if (found === null) return;
    const { isTask, groups, note } = found;
    const rows = groups.slice(0, DRAWN).map(rowOf);
    const axis = isTask
      ? {
          title: 'top-1 · higher is better',
          format: formatAccuracy,
          formatTick: shareTick,
          least: 0,
          greatest: 1,
        }
      : { title: 'log MAE · lower is better', format: formatLoss, formatTick: numberTick, least: 0 };
    const part = partWords(model.shownPart?.part ?? '').label;
    card.setChart(
      rows.length === 0
        ? null
        : {
            configuration: intervalChart(rows, axis, theme.value),
            description: describeIntervals(`${title}, ${part}, ${axis.title}.`, rows, axis),
          },
      intervalChartHeight(rows.length),
    );
    card.setTable(figureTable(title, columnsOf(isTask, groups), groups));
    const drawn = groups.length > DRAWN ? `The first ${DRAWN} of ${groups.length} are drawn. ` : '';
    card.setNote(`${drawn}Brackets are 95 % intervals by block bootstrap. ${note}`.trim());
  });
  return card.element;
}

/** Rings all: none of them is what the plot is about. */
function rowOf({ name, model }: Group): IntervalRow {
  return { label: name, ...model, isMain: false };
}

function taskGroup(group: TaskGroup, seen: Group['seen']): Group {
  const { name, category, targets, model, withoutIdle, baselines } = group;
  const best = bestOf(
    baselines.map((each) => ({ name: each.name, value: each.top1 })),
    true,
  );
  return { name, category, seen, targets, model, withoutIdle, best };
}

function timeGroup({ name, category, targets, logMae, baselines }: TimeGroup, seen: Group['seen']): Group {
  const best = bestOf(
    baselines.map((each) => ({ name: each.name, value: each.logMae })),
    false,
  );
  return { name, category, seen, targets, model: logMae, withoutIdle: null, best };
}

function bestOf(all: readonly { name: string; value: number }[], isHigherBetter: boolean): Group['best'] {
  return all.reduce<Group['best']>(
    (best, each) =>
      best === null || (isHigherBetter ? each.value > best.value : each.value < best.value) ? each : best,
    null,
  );
}

function columnsOf(isTask: boolean, groups: readonly Group[]): FigureColumn<Group>[] {
  const format = isTask ? formatAccuracy : formatLoss;
  const columns: FigureColumn<Group>[] = [
    {
      label: 'Name',
      title: 'Workload or CPU',
      numeric: false,
      cell: ({ name }) => name,
      csv: { name: ({ name }) => name },
    },
  ];
  if (groups.some(({ category }) => category !== null)) {
    columns.push({
      label: 'Category',
      title: 'Kind of workload',
      numeric: false,
      cell: ({ category }) => category ?? unknown('not told'),
      csv: { category: ({ category }) => category },
    });
  }
  if (groups.some(({ seen }) => seen !== null)) {
    columns.push({
      label: 'Seen',
      title: 'Whether its category was among those that it was trained on',
      numeric: false,
      cell: ({ seen }) => (seen === 'unseen' ? 'held out' : (seen ?? '')),
      csv: { seen: ({ seen }) => seen },
    });
  }
  columns.push(
    {
      label: 'Events',
      title: 'That were to be predicted',
      numeric: true,
      cell: ({ targets }) => formatCount(targets),
      csv: { events: ({ targets }) => targets },
    },
    {
      label: isTask ? 'Top-1' : 'Log MAE',
      title: 'Of the model, with its 95 % interval',
      numeric: true,
      cell: ({ model }) => estimateText(model, format),
      csv: {
        model: ({ model }) => model.value,
        model_low: ({ model }) => model.low,
        model_high: ({ model }) => model.high,
      },
    },
  );
  if (isTask) {
    columns.push({
      label: 'Without idle',
      title: 'Top-1 of the model on events that are not idle',
      numeric: true,
      cell: ({ withoutIdle }) =>
        withoutIdle === null ? unknown('all of its events are idle') : formatAccuracy(withoutIdle),
      csv: { without_idle: ({ withoutIdle }) => withoutIdle },
    });
  }
  return [...columns, ...baselineColumns(isTask, format)];
}

function baselineColumns(isTask: boolean, format: (value: number) => string): FigureColumn<Group>[] {
  return [
    {
      label: 'Best baseline',
      title: 'The one that is hardest to beat there',
      numeric: true,
      cell: ({ best }) => (best === null ? unknown('no baseline') : `${format(best.value)} (${best.name})`),
      csv: {
        best_baseline: ({ best }) => best?.name ?? null,
        best_baseline_figure: ({ best }) => best?.value ?? null,
      },
    },
    {
      label: 'The model is',
      title:
        'Beside the best baseline, by these figures; the interval of the difference is not worked out by group',
      numeric: false,
      cell: ({ best, model }) => {
        if (best === null) return '';
        if (best.value === model.value) return 'equal';
        return model.value > best.value === isTask ? 'ahead' : 'behind';
      },
      csv: {},
    },
  ];
}
