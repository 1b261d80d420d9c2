import type { SourceRemark, TraceSummary } from '../../../src/protocol/traceMessages.js';
import { element, linkButton, replaceContent, type Child } from '../../common/dom.js';
import {
  formatBytes,
  formatCount,
  formatDurationExact,
  formatTimestamp,
  unknownText,
  unknownTitle,
} from '../../common/format.js';
import { icon } from '../../common/icons.js';
import { simpleTable } from '../../common/simpleTable.js';
import type { TraceModel } from '../model/traceModel.js';

/** Remarks beyond these repeat themselves. */
const mostRemarks = 500;

/** What the recording is: its format, clock, contents, and what is wrong with it. */
export class TracePanel {
  readonly element = element('div', { className: 'panel-content scrolling trace-facts' });
  readonly #showLine: (line: number, source: number) => void;

  /** @param records what is told of migration records on the timeline */
  constructor(
    model: TraceModel,
    readonly records: HTMLElement,
    showLine: (line: number, source: number) => void,
  ) {
    this.#showLine = showLine;
    model.summary.observe((summary) => {
      if (summary !== null) this.#show(summary);
    });
  }

  #show(summary: TraceSummary): void {
    const rows = Object.entries(summary.eventCounts).sort((a, b) => b[1] - a[1]);
    const events = simpleTable(
      'Events by type',
      [
        { label: 'Event', title: 'Type of event', numeric: false, cell: ([name]) => name },
        { label: 'Count', title: 'How many', numeric: true, cell: ([, count]) => formatCount(count) },
      ],
      rows,
    );
    replaceContent(
      this.element,
      element(
        'section',
        { attributes: { 'aria-label': 'Recording' } },
        element('h4', {}, 'Recording'),
        facts(summary),
      ),
      this.records,
      element('section', { attributes: { 'aria-label': 'Events' } }, element('h4', {}, 'Events'), events),
      element(
        'section',
        { attributes: { 'aria-label': 'Remarks' } },
        element('h4', {}, `Remarks (${formatCount(summary.remarks.length)})`),
        this.#remarks(summary),
      ),
    );
  }

  #remarks(summary: TraceSummary): HTMLElement {
    if (summary.remarks.length === 0) return element('p', { className: 'empty' }, 'Nothing to remark.');
    const entry = (remark: SourceRemark) => {
      const { line, source } = remark;
      const file = source === null ? '' : `${summary.sources[source] ?? ''}: `;
      const where =
        line === null
          ? null
          : summary.hasTextLines
            ? linkButton(`line ${formatCount(line)}`, 'Open the trace at this line', () =>
                this.#showLine(line, source ?? 0),
              )
            : element('span', { className: 'muted' }, `line ${formatCount(line)}`);
      return element(
        'li',
        { className: `remark ${remark.severity}` },
        icon(remark.severity === 'info' ? 'info' : 'warning'),
        element('span', { className: 'visually-hidden' }, `${remark.severity}: `),
        element('span', { className: 'remark-text' }, file + remark.message),
        where === null ? null : ' ',
        where,
      );
    };
    return element('ul', { className: 'remarks' }, ...summary.remarks.slice(0, mostRemarks).map(entry));
  }
}

function facts(summary: TraceSummary): HTMLElement {
  const unknown = () => element('span', { className: 'unknown', title: unknownTitle }, unknownText);
  const total = summary.totalBytes === null ? '' : ` of ${formatBytes(summary.totalBytes)}`;
  const from = summary.latencyFrom;
  const entries: [string, Child][] = [
    ['Name', summary.name],
    ...(summary.sources.length === 0 ? [] : ([['Files', summary.sources.join(', ')]] as [string, Child][])),
    ['Format', summary.formatLabel],
    [
      'Starts at',
      `${formatTimestamp(BigInt(summary.baseNs), summary.startNs)} s (${summary.baseNs} ns is offset 0)`,
    ],
    ['Duration', formatDurationExact(summary.endNs - summary.startNs)],
    ['Events', formatCount(summary.events)],
    ['CPUs', formatCount(summary.cpus.length)],
    ['Threads', formatCount(summary.threads)],
    ['Lost events', formatCount(summary.lostEvents)],
    [
      'Overwritten events',
      summary.overwrittenEvents === null ? unknown() : formatCount(summary.overwrittenEvents),
    ],
    ['Wakeups', summary.hasWakeups ? 'recorded' : 'unknown: not in this format'],
    ['Wakeup latency from', from ?? unknown()],
    ['Previous states', summary.hasPrevStates ? 'recorded' : 'unknown: not in this format'],
    ['Read', `${formatBytes(summary.doneBytes)}${summary.complete ? '' : total}`],
  ];
  const list = element('dl', { className: 'facts' });
  for (const [label, value] of entries) list.append(element('dt', {}, label), element('dd', {}, value));
  return list;
}
