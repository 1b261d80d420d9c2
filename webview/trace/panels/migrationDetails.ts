import { MigrationKind, type MigrationDetail } from '../../../src/protocol/timelineMigrations.js';
import { button } from '../../common/controls.js';
import { element, linkButton, type Child } from '../../common/dom.js';
import { formatCount, formatDurationExact, unknownText, unknownTitle } from '../../common/format.js';
import {
  deltaText,
  kindPlural,
  kindTitle,
  moveText,
  reasonOf,
  taskText,
} from '../migrations/describeMigration.js';

export interface MigrationDetailActions {
  readonly jumpToThread: (thread: number, atNs: number) => void;
  readonly jumpToCpu: (cpu: number, atNs: number) => void;
  readonly stepForced: (direction: 1 | -1) => void;
  readonly showLine: (line: number, source: number) => void;
}

export type Entry = readonly [label: string, value: Child | readonly Child[]];

/** How a time is written, and a group of facts: as the details of slices are. */
export interface DetailParts {
  readonly time: (offsetNs: number) => Child;
  readonly group: (label: string, entries: readonly Entry[]) => HTMLElement;
  readonly hasTextLines: boolean;
}

/** Everything about the selected migration. */
export function migrationDetails(
  detail: MigrationDetail,
  actions: MigrationDetailActions,
  parts: DetailParts,
): HTMLElement[] {
  const { record } = detail;
  return [
    heading(detail, actions, parts),
    parts.group('Migration', migrationEntries(detail, actions, parts)),
    ...(record === null
      ? []
      : [
          parts.group('Why', decisionEntries(detail)),
          parts.group('Task and run queues', stateEntries(record)),
        ]),
  ];
}

function heading(detail: MigrationDetail, actions: MigrationDetailActions, parts: DetailParts): HTMLElement {
  const { kind, place, total, move } = detail;
  const head = element(
    'div',
    { className: 'details-head' },
    element(
      'h3',
      {},
      kindTitle(kind),
      element(
        'span',
        { className: 'muted' },
        ` ${formatCount(place)} of ${formatCount(total)} ${kindPlural(kind)}`,
      ),
    ),
    button('Previous forced', 'Previous forced migration (K)', () => actions.stepForced(-1)),
    button('Next forced', 'Next forced migration (J)', () => actions.stepForced(1)),
  );
  if (parts.hasTextLines && move !== null && move.line > 0) {
    head.append(
      button('Show line', `Open the trace at line ${move.line}, where the task moves`, () =>
        actions.showLine(move.line, move.source),
      ),
    );
  }
  return head;
}

function migrationEntries(
  detail: MigrationDetail,
  { jumpToThread, jumpToCpu }: MigrationDetailActions,
  { time }: DetailParts,
): Entry[] {
  const { thread, fromCpu, toCpu, atNs, file, record, move } = detail;
  const cpu = (number: number) =>
    linkButton(`CPU ${number}`, 'Show what that CPU was doing', () => jumpToCpu(number, atNs));
  const entries: Entry[] = [
    ['Task', taskText(detail)],
    ['From', fromCpu === null ? unknown() : cpu(fromCpu)],
    ['To', cpu(toCpu)],
    ['Time', time(atNs)],
    ['Moved', moveText(detail)],
  ];
  if (thread === null) entries.push(['In the trace', 'no event of this task']);
  else {
    const afterNs = move?.atNs ?? atNs;
    const jump = linkButton(
      'what the task did then',
      'Show the slice, wait or sleep of the task at that time',
      () => jumpToThread(thread, afterNs),
    );
    entries.push(['Show', jump]);
  }
  if (file !== null && record !== null) {
    entries.push(['Record', `line ${formatCount(record.line)} of ${file}`]);
  }
  return entries;
}

function decisionEntries(detail: MigrationDetail): Entry[] {
  const record = detail.record!;
  const forced =
    record.forced === null ? unknown() : record.forced ? 'yes: cache-hot, and taken all the same' : 'no';
  return [
    ['Decision', record.migrated ? 'allowed' : 'refused'],
    ['Forced', detail.kind === MigrationKind.Refused ? 'no: refused' : forced],
    ['Reason', reasonOf(detail)],
    ['Destination was', record.idle],
    ['Since it ran', deltaText(detail)!],
    ['Call took', record.lat === null ? unknown() : `${formatDurationExact(record.lat)}, probe included`],
    ['Looked for', record.type === null ? unknown() : (migrationTypes[record.type] ?? String(record.type))],
    ['Imbalance', record.imbalance],
    ['Task in the loop', orUnknown(record.loop)],
  ];
}

/** `enum migration_type` of the kernel: in what the imbalance is counted. */
const migrationTypes: readonly string[] = ['load', 'utilisation', 'tasks', 'a misfit task'];

function stateEntries(record: NonNullable<MigrationDetail['record']>): Entry[] {
  const pair = (from: number, to: number) => `${formatCount(from)} → ${formatCount(to)}`;
  return [
    ['Task: load, utilisation', `${formatCount(record.taskLoadAvg)}, ${formatCount(record.taskUtilAvg)}`],
    ['Task: migrations before', formatCount(record.nrMigrations)],
    ['Runnable, from → to', pair(record.srcRunning, record.dstRunning)],
    ['Load, from → to', pair(record.srcLoadAvg, record.dstLoadAvg)],
    ['Utilisation, from → to', pair(record.srcUtilAvg, record.dstUtilAvg)],
  ];
}

function orUnknown(value: number | null): Child {
  return value === null ? unknown() : formatCount(value);
}

function unknown(): HTMLElement {
  return element('span', { className: 'unknown', title: unknownTitle }, unknownText);
}
