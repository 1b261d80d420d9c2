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
import {
  differenceText,
  estimateText,
  numberTick,
  partWords,
  shareTick,
  STANDING_WORDS,
  standingOf,
  TASK_MEASURES,
  TIME_MEASURES,
} from '../model/measures.js';
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
  readonly best: Beside | null;
  readonly baselines: readonly Beside[];
}

/** A baseline on the events of a group. */
interface Beside {
  readonly name: string;
  readonly value: number;
  /** Model less baseline, of the same events. */
  readonly difference: Estimate;
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
  const beside = baselines.map((each) => ({ ...each, value: each.top1 }));
  const best = bestOf(beside, true);
  return { name, category, seen, targets, model, withoutIdle, best, baselines: beside };
}

function timeGroup({ name, category, targets, logMae, baselines }: TimeGroup, seen: Group['seen']): Group {
  const beside = baselines.map((each) => ({ ...each, value: each.logMae }));
  const best = bestOf(beside, false);
  return { name, category, seen, targets, model: logMae, withoutIdle: null, best, baselines: beside };
}

function bestOf(all: readonly Beside[], isHigherBetter: boolean): Beside | null {
  return all.reduce<Beside | null>(
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
  return [...columns, ...bestColumns(isTask, format), ...baselineColumns(isTask, groups)];
}

function bestColumns(isTask: boolean, format: (value: number) => string): FigureColumn<Group>[] {
  const measure = isTask ? TASK_MEASURES[0]! : TIME_MEASURES[0]!;
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
      label: 'Model less that',
      title: 'Difference on the same events, with its 95 % interval',
      numeric: true,
      cell: ({ best }) => (best === null ? unknown('no baseline') : differenceText(best.difference, measure)),
      csv: {
        best_baseline_difference: ({ best }) => best?.difference.value ?? null,
        best_baseline_difference_low: ({ best }) => best?.difference.low ?? null,
        best_baseline_difference_high: ({ best }) => best?.difference.high ?? null,
      },
    },
    {
      label: 'The model is',
      title: 'Beside the best baseline, by the interval of the difference',
      numeric: false,
      cell: ({ best }) =>
        best === null ? '' : STANDING_WORDS[standingOf(best.difference, isTask ? 'higher' : 'lower')],
      csv: {},
    },
  ];
}

/** The model's difference from every baseline; ▲ and ▼ where its interval does not hold zero. */
function baselineColumns(isTask: boolean, groups: readonly Group[]): FigureColumn<Group>[] {
  const measure = isTask ? TASK_MEASURES[0]! : TIME_MEASURES[0]!;
  const names = [...new Set(groups.flatMap(({ baselines }) => baselines.map(({ name }) => name)))];
  return names.map((name) => {
    const of = ({ baselines }: Group) => baselines.find((each) => each.name === name);
    const key = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_');
    return {
      label: `Less ${name}`,
      title: `Model less the baseline "${name}" on the same events, with its 95 % interval; ▲ better, ▼ worse than that`,
      numeric: true,
      cell: (group) => {
        const found = of(group);
        if (found === undefined) return unknown('the baseline knew nothing there');
        const standing = standingOf(found.difference, isTask ? 'higher' : 'lower');
        const mark = standing === 'better' ? '▲ ' : standing === 'worse' ? '▼ ' : '';
        return `${mark}${differenceText(found.difference, measure)}`;
      },
      csv: {
        [key]: (group) => of(group)?.value ?? null,
        [`${key}_difference`]: (group) => of(group)?.difference.value ?? null,
        [`${key}_difference_low`]: (group) => of(group)?.difference.low ?? null,
        [`${key}_difference_high`]: (group) => of(group)?.difference.high ?? null,
      },
    };
  });
}
