import type { NextTaskEvaluation, TaskScores } from '../../../src/protocol/evaluation.js';
import { textField } from '../../common/controls.js';
import { element, type Child } from '../../common/dom.js';
import { figureCsv, type FigureColumn } from '../../common/figureTable.js';
import { formatCount } from '../../common/format.js';
import { debounce } from '../../common/signal.js';
import { VirtualTable, type Column, type Sorting } from '../../common/table.js';
import { formatAccuracy } from '../../training/model/words.js';
import { cardOf, follow, unknown, type CardContext } from './cardParts.js';

type Key = 'task' | 'support' | 'predicted' | 'precision' | 'recall' | 'f1';

/** Precision, recall and F1 of each task: sorted by any column, filtered by name. */
export function createTasksCard(context: CardContext): HTMLElement {
  const { model } = context;
  const card = cardOf(context, { title: 'By task', file: 'tasks', isOfPart: true, hasChart: false });
  let text = '';
  const count = element('span', { className: 'count', attributes: { role: 'status' } });
  const rows = () => {
    const part = model.shownPart;
    return part?.task === 'next-task' ? matching(part.byTask, text) : [];
  };
  const table = new VirtualTable<TaskScores, Key>({
    label: 'Scores by task',
    columns: COLUMNS,
    sorting: { key: 'support', descending: true },
    fetch: (sorting, offset, limit) => {
      const sorted = sortedBy(rows(), sorting);
      return Promise.resolve({ total: sorted.length, rows: sorted.slice(offset, offset + limit) });
    },
    keyOf: ({ index }) => index,
    onOpen: ({ task, support, predicted }) =>
      model.announcement.set(
        `${task}: came ${formatCount(support)} times, predicted ${formatCount(predicted)} times`,
      ),
    onError: (error) => model.notice.set({ text: String(error), isError: true }),
    emptyText: 'No task has that in its name.',
  });
  const show = () => {
    const part = model.shownPart;
    card.element.hidden = part?.task !== 'next-task';
    if (part?.task !== 'next-task') return;
    const shown = rows();
    count.textContent =
      shown.length === part.byTask.length
        ? `${formatCount(shown.length)} tasks`
        : `${formatCount(shown.length)} of ${formatCount(part.byTask.length)} tasks`;
    card.setWords(macroText(part));
    card.setCsv(figureCsv(CSV, part.byTask));
    table.reload();
  };
  const filter = textField(
    'Filter by name',
    'Filter by name',
    debounced(show, (value) => (text = value)),
  );
  card.setControls(filter.element, count);
  card.setBelow(table.element);
  card.setNote(
    'Recall is the share of a task’s events that were guessed; precision the share of the guesses of it that were right. Means over tasks count a task that came once as much as one that came a million times.',
  );
  table.element.classList.add('tasks-table');
  follow(context, show);
  return card.element;
}

function debounced(show: () => void, set: (value: string) => void): (value: string) => void {
  const soon = debounce(120, show);
  return (value) => {
    set(value.trim().toLowerCase());
    soon();
  };
}

function macroText({ macro, byTask }: NextTaskEvaluation): string {
  const never = byTask.filter(({ support, recall }) => support > 0 && (recall ?? 0) === 0).length;
  const came = byTask.filter(({ support }) => support > 0).length;
  return `Mean recall over tasks that came ${formatAccuracy(macro.taskRecall)}, mean F1 ${formatAccuracy(macro.taskF1)}. ${formatCount(never)} of ${formatCount(came)} tasks that came were never guessed right.`;
}

export function matching(rows: readonly TaskScores[], text: string): readonly TaskScores[] {
  return text === '' ? rows : rows.filter(({ task }) => task.toLowerCase().includes(text));
}

/** What is not known comes last, whichever way is sorted. */
export function sortedBy(rows: readonly TaskScores[], { key, descending }: Sorting<Key>): TaskScores[] {
  const sign = descending ? -1 : 1;
  return [...rows].sort((a, b) => {
    const [left, right] = [a[key], b[key]];
    if (left === null || right === null) return Number(left === null) - Number(right === null);
    if (typeof left === 'string' || typeof right === 'string') {
      return sign * String(left).localeCompare(String(right));
    }
    return sign * (left - right) || a.index - b.index;
  });
}

function scoreCell(value: number | null, why: string): Child {
  return value === null ? unknown(why) : formatAccuracy(value);
}

const COLUMNS: readonly Column<TaskScores, Key>[] = [
  {
    key: 'task',
    label: 'Task',
    title: 'Name in the vocabulary',
    numeric: false,
    widthPx: 200,
    cell: ({ task }) => task,
  },
  {
    key: 'support',
    label: 'Came',
    title: 'Events that it came at',
    numeric: true,
    widthPx: 90,
    cell: ({ support }) => formatCount(support),
  },
  {
    key: 'predicted',
    label: 'Guessed',
    title: 'Events at which it was the first guess',
    numeric: true,
    widthPx: 90,
    cell: ({ predicted }) => formatCount(predicted),
  },
  {
    key: 'precision',
    label: 'Precision',
    title: 'Share of the guesses of it that were right',
    numeric: true,
    widthPx: 90,
    cell: ({ precision }) => scoreCell(precision, 'it was never guessed'),
  },
  {
    key: 'recall',
    label: 'Recall',
    title: 'Share of its events that were guessed',
    numeric: true,
    widthPx: 90,
    cell: ({ recall }) => scoreCell(recall, 'it never came'),
  },
  {
    key: 'f1',
    label: 'F1',
    title: 'Harmonic mean of precision and recall',
    numeric: true,
    widthPx: 90,
    cell: ({ f1 }) => scoreCell(f1, 'it neither came nor was guessed'),
  },
];

const CSV: readonly FigureColumn<TaskScores>[] = COLUMNS.map(({ key, label, title, numeric, cell }) => ({
  label,
  title,
  numeric,
  cell,
  csv: { [key]: (row) => row[key] },
}));
