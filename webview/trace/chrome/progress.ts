import type { TraceSummary } from '../../../src/protocol/traceMessages.js';
import { progressRing } from '../../common/controls.js';
import { element, replaceContent } from '../../common/dom.js';
import { formatBytes, formatCount, formatCountShort, formatDuration } from '../../common/format.js';
import { createProgressBar } from '../../common/progressBar.js';
import type { TraceModel } from '../model/traceModel.js';

/** The share that has been read, 0…1; null when the size is not known. */
export function progressShare(summary: TraceSummary): number | null {
  if (summary.complete) return 1;
  if (summary.totalBytes === null || summary.totalBytes <= 0) return null;
  return Math.min(1, summary.doneBytes / summary.totalBytes);
}

/** A line of facts about the recording, or how far reading it has come. */
export function describeTrace(summary: TraceSummary): string {
  const events = `${formatCountShort(summary.events)} events`;
  if (summary.complete) {
    return `${summary.formatLabel} · ${events} · ${formatCount(summary.cpus.length)} CPUs · ${formatCount(summary.threads)} threads · ${formatDuration(summary.endNs - summary.startNs)}`;
  }
  const share = progressShare(summary);
  const bytes =
    summary.totalBytes === null
      ? formatBytes(summary.doneBytes)
      : `${formatBytes(summary.doneBytes)} of ${formatBytes(summary.totalBytes)}`;
  return `Reading${share === null ? '' : ` ${Math.floor(share * 100)} %`} · ${bytes} · ${events}`;
}

/** A thin bar along the top while the file is being read. */
export function createReadingBar(model: TraceModel): HTMLElement {
  const bar = createProgressBar('Reading the trace');
  model.failure.subscribe((failure) => {
    bar.element.hidden = failure !== null;
  });
  model.summary.observe((summary) => {
    if (summary?.complete === true) bar.show('done');
    else bar.show(summary === null ? null : progressShare(summary));
  });
  return bar.element;
}

/** Covers the view before the first events are there, and when the trace cannot be read. */
export function createCurtain(model: TraceModel): HTMLElement {
  const curtain = element('div', { className: 'curtain' });
  const show = () => {
    const failure = model.failure.value;
    const summary = model.summary.value;
    const hasPicture =
      summary !== null && summary.cpus.length > 0 && (summary.events > 0 || summary.complete);
    // What was read before a failure stays in sight; the banner tells of the failure then.
    curtain.hidden = hasPicture;
    curtain.classList.toggle('failed', failure !== null);
    if (curtain.hidden) {
      replaceContent(curtain);
      return;
    }
    if (failure !== null) {
      replaceContent(
        curtain,
        element(
          'div',
          { className: 'failure', attributes: { role: 'alert' } },
          element('h2', {}, 'This trace cannot be shown'),
          element('pre', {}, failure),
        ),
      );
    } else if (summary?.complete === true) {
      replaceContent(
        curtain,
        element('p', {}, 'This trace holds no scheduler events.'),
        element('pre', {}, summary.remarks.map((remark) => remark.message).join('\n')),
      );
    } else if (curtain.querySelector('.loading') === null) {
      replaceContent(
        curtain,
        element(
          'div',
          { className: 'loading' },
          progressRing('Reading'),
          element('p', {}, 'Reading the trace…'),
        ),
      );
    }
  };
  model.summary.observe(show);
  model.failure.subscribe(show);
  return curtain;
}
