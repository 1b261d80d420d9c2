import type { MigrationSummary } from '../../../src/protocol/migrationMessages.js';
import { element, linkButton, type Child } from '../../common/dom.js';
import { formatCount } from '../../common/format.js';
import { icon } from '../../common/icons.js';

/** Malformed lines that are listed; the export of none of them is offered, only a look at the source. */
const listedLines = 20;

/** What to know before the numbers are used: what could not be read, and the traps of these records. */
export function cautions(summary: MigrationSummary, showLine: (line: number) => void): HTMLElement {
  const { malformed, remarks, missingColumns, unknownColumns } = summary;
  const items: HTMLElement[] = [];
  for (const remark of remarks.filter(({ severity }) => severity === 'error')) {
    items.push(caution('warning', 'Not everything could be read', remark.message));
  }
  if (malformed.count > 0) items.push(malformedItem(summary, showLine));
  for (const { severity, title, text } of summary.cautions) items.push(caution(severity, title, text));
  for (const remark of remarks.filter(({ severity }) => severity !== 'error')) {
    const line = remark.line === null ? '' : `Line ${formatCount(remark.line)}: `;
    items.push(
      caution(remark.severity === 'warning' ? 'warning' : 'info', 'About the file', line + remark.message),
    );
  }
  if (missingColumns.length > 0) {
    items.push(caution('info', 'Not recorded', `This file has no ${missingColumns.join(', ')}.`));
  }
  if (unknownColumns.length > 0) {
    items.push(
      caution('info', 'Further columns', `Not shown, but kept by the export: ${unknownColumns.join(', ')}.`),
    );
  }
  return element(
    'section',
    { className: 'card cautions' },
    element('h2', {}, 'Before you use these numbers'),
    element('ul', {}, ...items),
  );
}

function caution(severity: 'warning' | 'info', title: string, ...text: Child[]): HTMLElement {
  return element(
    'li',
    { className: severity },
    icon(severity),
    element('div', {}, element('strong', {}, title), ' ', ...text),
  );
}

function malformedItem({ malformed }: MigrationSummary, showLine: (line: number) => void): HTMLElement {
  const lines = malformed.lines.slice(0, listedLines).map(({ line, reason, excerpt }) =>
    element(
      'li',
      { title: excerpt },
      linkButton(`line ${formatCount(line)}`, 'Show it in the source', () => showLine(line)),
      ` ${reason}`,
    ),
  );
  const more = malformed.count - lines.length;
  const title =
    malformed.count === 1
      ? '1 malformed line was left out'
      : `${formatCount(malformed.count)} malformed lines were left out`;
  return caution(
    'warning',
    title,
    element(
      'ul',
      { className: 'malformed' },
      ...lines,
      more > 0 && lines.length > 0 ? element('li', {}, `and ${formatCount(more)} more`) : null,
    ),
  );
}
