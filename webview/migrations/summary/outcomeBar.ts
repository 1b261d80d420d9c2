import type { CallCounts } from '../../../src/protocol/migrationMessages.js';
import { element } from '../../common/dom.js';
import { formatCount, formatShare } from '../../common/format.js';

/** Calls as a bar: migrated, forced of those, refused. Each part has its own pattern beside its colour. */
export function outcomeBar({ calls, migrated, forced }: CallCounts): HTMLElement {
  const parts = [
    { className: 'migrated', count: migrated - (forced ?? 0) },
    { className: 'forced', count: forced ?? 0 },
    { className: 'refused', count: calls - migrated },
  ].filter(({ count }) => count > 0);
  const bar = element('div', {
    className: 'outcome-bar',
    title: describeCounts({ calls, migrated, forced }),
    attributes: { role: 'img', 'aria-label': describeCounts({ calls, migrated, forced }) },
  });
  for (const { className, count } of parts) {
    const part = element('span', { className });
    part.style.flexGrow = String(count / calls);
    bar.append(part);
  }
  return bar;
}

/** Counts in words; counts stand first, as a share alone would hide how few there are. */
export function describeCounts({ calls, migrated, forced }: CallCounts): string {
  const forcedText = forced === null ? '' : `, of these ${formatCount(forced)} forced`;
  return `${formatCount(calls)} ${calls === 1 ? 'call' : 'calls'}: ${formatCount(migrated)} migrated (${formatShare(migrated / calls)})${forcedText}, ${formatCount(calls - migrated)} refused`;
}
