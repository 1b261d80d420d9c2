import type { TraceSummary } from '../../../src/protocol/traceMessages.js';
import { iconButton } from '../../common/controls.js';
import { element, linkButton, replaceContent } from '../../common/dom.js';
import { formatCount } from '../../common/format.js';
import { icon } from '../../common/icons.js';
import { migrationWarnings } from '../migrations/migrationModes.js';
import type { TraceModel } from '../model/traceModel.js';

/** What the user must know before trusting the picture; empty when there is nothing. */
export function warningsOf(summary: TraceSummary): string[] {
  const warnings: string[] = [];
  if (summary.overwrittenEvents !== null && summary.overwrittenEvents > 0) {
    warnings.push(
      `${formatCount(summary.overwrittenEvents)} older events were overwritten before they could be read: the recording starts late on some CPUs.`,
    );
  }
  if (summary.lostEvents > 0 || summary.losses.length > 0) {
    const places = summary.losses.length === 1 ? 'one place' : `${formatCount(summary.losses.length)} places`;
    const count = summary.lostEvents > 0 ? `${formatCount(summary.lostEvents)} events` : 'Events';
    warnings.push(`${count} were lost in ${places}; the gaps are hatched.`);
  }
  const serious = summary.remarks.filter((remark) => remark.severity !== 'info');
  const errors = serious.filter((remark) => remark.severity === 'error').length;
  if (errors > 0)
    warnings.push(`${formatCount(errors)} ${errors === 1 ? 'part' : 'parts'} of the file could not be read.`);
  // A single warning speaks for itself; more are counted, and listed in the panel.
  else if (serious.length === 1 && warnings.length === 0) warnings.push(serious[0]!.message);
  else if (serious.length > 0 && warnings.length === 0)
    warnings.push(`${formatCount(serious.length)} warnings about this recording.`);
  return warnings;
}

/** A strip above the timeline with the warnings; it can be put away and comes back when they change. */
export function createBanner(model: TraceModel, showRemarks: () => void): HTMLElement {
  const banner = element('div', { className: 'banner', attributes: { role: 'status' } });
  banner.hidden = true;
  let dismissed = '';
  let shown = '';
  const show = () => {
    const { value: summary } = model.summary;
    const failure = model.failure.value;
    const text =
      failure ??
      (summary === null
        ? ''
        : [...warningsOf(summary), ...migrationWarnings(model.migrations.value)].join(' '));
    banner.hidden = text === '' || text === dismissed;
    banner.classList.toggle('error', failure !== null);
    if (text === shown) return;
    shown = text;
    replaceContent(
      banner,
      icon('warning'),
      element('span', { className: 'banner-text' }, text),
      linkButton('Remarks', 'Show all remarks about this recording', showRemarks),
      iconButton('close', 'Put this away', () => {
        dismissed = shown;
        banner.hidden = true;
      }),
    );
  };
  model.summary.observe(show);
  model.failure.subscribe(show);
  model.migrations.subscribe(show);
  return banner;
}
