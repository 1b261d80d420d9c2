import type { EventStore } from '../model/eventStore.js';
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
 * `entries-in-buffer/entries-written` stands there only when the recording tells whether events were overwritten.
 */
export function ftraceHeader(store: EventStore): string {
  const { properties, overwrittenEvents, cpuCount } = store.metadata;
  const cpus = `#P:${cpuCount ?? store.cpuLimit}`;
  const entries =
    overwrittenEvents === undefined
      ? `# ${cpus}`
      : `# entries-in-buffer/entries-written: ${store.length}/${store.length + overwrittenEvents}   ${cpus}`;
  return [
    `# tracer: ${properties.get('tracer') ?? 'nop'}`,
    '#',
    entries,
    '#',
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
