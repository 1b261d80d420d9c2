import type { EventStore } from '../model/eventStore.js';
import type { ExportedPart } from './exportedPart.js';
import { hasTgids } from './ftraceTasks.js';

/** What the columns of the latency flags mean; kernels before 5.17 have no fifth one. */
const FIVE_FLAGS = [
  '  _-----=> irqs-off/BH-disabled',
  ' / _----=> need-resched',
  '| / _---=> hardirq/softirq',
  '|| / _--=> preempt-depth',
  '||| / _-=> migrate-disable',
  '|||| /     delay',
];
const FOUR_FLAGS = [
  '  _-----=> irqs-off',
  ' / _----=> need-resched',
  '| / _---=> hardirq/softirq',
  '|| / _--=> preempt-depth',
  '||| /     delay',
];

/**
 * The lines that begin with `#`, as print_trace_header and print_func_help_header_irq in kernel/trace/trace.c.
 * `entries-in-buffer/entries-written` stands there only when the recording tells whether events were overwritten, and
 * for the whole recording: what was overwritten before its beginning is not missing in a part of it.
 */
export function ftraceHeader(part: ExportedPart): string {
  const { store } = part;
  const { properties, overwrittenEvents, cpuCount } = store.metadata;
  const which = part.describe();
  const cpus = cpuCount === undefined ? '' : `#P:${cpuCount}`;
  const entries =
    overwrittenEvents === undefined || which !== ''
      ? cpus
      : `entries-in-buffer/entries-written: ${store.length}/${store.length + overwrittenEvents}   ${cpus}`;
  return [
    `# tracer: ${properties.get('tracer') ?? 'nop'}`,
    '#',
    ...(which === '' ? [] : [`# part of a recording, trimmed by KernelOracle: ${which}`, '#']),
    ...(entries === '' ? [] : [`# ${entries.trimEnd()}`, '#']),
    ...columnTitles(store),
    '',
  ].join('\n');
}

function columnTitles(store: EventStore): string[] {
  const flagCount = Math.max(...store.flagTexts.values().map((flags) => flags.length));
  const withTgid = hasTgids(store);
  if (flagCount === 0) {
    return [
      `#           TASK-PID   ${withTgid ? '  TGID     ' : ''}CPU#      TIMESTAMP  FUNCTION`,
      `#              | |     ${withTgid ? '    |      ' : ''}  |           |         |`,
    ];
  }
  const marks = flagCount > 4 ? FIVE_FLAGS : FOUR_FLAGS;
  const bars = '|'.repeat(marks.length - 1);
  const indent = `#${' '.repeat(withTgid ? 40 : 30)}`;
  return [
    ...marks.map((mark) => indent + mark),
    `#           TASK-PID  ${withTgid ? '     TGID   ' : '  '} CPU#  ${bars}  TIMESTAMP  FUNCTION`,
    `#              | |    ${withTgid ? '       |    ' : '  '}   |   ${bars}     |         |`,
  ];
}
