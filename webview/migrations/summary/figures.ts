import type { MigrationSummary } from '../../../src/protocol/migrationMessages.js';
import { element, type Child } from '../../common/dom.js';
import { formatCount, formatDuration, formatShare, unknownText } from '../../common/format.js';
import { outcomeBar } from './outcomeBar.js';

/** The counts of a file at a glance, and the bar of all its decisions. */
export function figures(summary: MigrationSummary): HTMLElement {
  const { rows, migrated, refused, forced, neverRan } = summary;
  return element(
    'section',
    { className: 'figures', attributes: { 'aria-label': 'Counts' } },
    element(
      'div',
      { className: 'figure-row' },
      figure('', formatCount(rows), rows === 1 ? 'call' : 'calls', [
        `${formatCount(summary.tasks)} tasks in ${formatDuration(summary.durationNs)}`,
      ]),
      figure('migrated', formatCount(migrated), 'migrated', [share(migrated, rows, 'calls')]),
      figure('refused', formatCount(refused), 'refused', [share(refused, rows, 'calls')]),
      forced === null
        ? figure('forced', unknownText, 'forced', ['this file does not tell'])
        : figure('forced', formatCount(forced), 'forced: migrated although cache-hot', [
            share(forced, migrated, 'migrations'),
            share(forced, rows, 'calls'),
          ]),
      figure('never-ran', formatCount(neverRan), 'of tasks that never ran', [share(neverRan, rows, 'calls')]),
    ),
    outcomeBar({ calls: rows, migrated, forced }),
  );
}

/** `94 of 4,705 migrations · 2 %`, less the count that stands above it. */
export function share(part: number, whole: number, what: string): string {
  if (whole === 0) return `of 0 ${what}`;
  return `of ${formatCount(whole)} ${what} · ${formatShare(part / whole)}`;
}

function figure(kind: string, value: string, label: string, notes: readonly string[]): HTMLElement {
  const mark: Child =
    kind === ''
      ? null
      : element('span', { className: `mark ${kind}`, attributes: { 'aria-hidden': 'true' } });
  return element(
    'div',
    { className: 'figure' },
    element('div', { className: 'figure-value' }, mark, value),
    element('div', { className: 'figure-label' }, label),
    ...notes.map((note) => element('div', { className: 'figure-note' }, note)),
  );
}
