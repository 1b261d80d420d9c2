import type { Lane } from './lane.js';

const COLUMNS = [
  'format',
  'runs',
  'stores',
  'failures',
  'branches',
  'kept',
  'slowest ms',
  'peak MB',
  'defects',
];

/** The figures of a campaign, a line a format, and its speed. */
export function fuzzTable(lanes: readonly Lane[], elapsedMs: number): string {
  const formats = [...new Set(lanes.map(({ format }) => format))];
  const rows = formats.map((format) => row(lanes.filter((lane) => lane.format === format)));
  const widths = COLUMNS.map((column, at) =>
    Math.max(column.length, ...rows.map((cells) => cells[at]!.length)),
  );
  const text = (cells: readonly string[]) =>
    cells
      .map((cell, at) => (at === 0 || at === 3 ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!)))
      .join('  ');
  const runs = lanes.reduce((sum, lane) => sum + lane.runs, 0);
  const seconds = elapsedMs / 1000;
  return [
    '',
    text(COLUMNS),
    ...rows.map(text),
    '',
    `${runs} runs in ${seconds.toFixed(0)} s, ${(runs / seconds).toFixed(0)} a second`,
  ].join('\n');
}

function row(lanes: readonly Lane[]): string[] {
  const sum = (value: (lane: Lane) => number) => lanes.reduce((total, lane) => total + value(lane), 0);
  const most = (value: (lane: Lane) => number) => Math.max(...lanes.map(value));
  const codes = new Set(lanes.flatMap(({ outcomes }) => Object.keys(outcomes) as (keyof Lane['outcomes'])[]));
  codes.delete('store');
  const failures = [...codes].sort().map((code) => `${code} ${sum(({ outcomes }) => outcomes[code] ?? 0)}`);
  return [
    lanes[0]!.format,
    String(sum(({ runs }) => runs)),
    String(sum(({ outcomes }) => outcomes.store ?? 0)),
    failures.join(', '),
    String(most(({ branches }) => branches)),
    String(sum(({ kept }) => kept.length)),
    most(({ slowestMs }) => slowestMs).toFixed(0),
    (most(({ peakBytes }) => peakBytes) / 2 ** 20).toFixed(0),
    String(sum(({ found }) => found)),
  ];
}
