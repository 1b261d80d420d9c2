import type { MigrationSummary, RecordsProgressMessage } from '../../src/protocol/migrationMessages.js';
import { progressRing } from '../common/controls.js';
import { element, replaceContent } from '../common/dom.js';
import { formatBytes, formatCount, formatCountShort, formatDuration } from '../common/format.js';
import { createProgressBar } from '../common/progressBar.js';
import type { RecordsModel } from './model/recordsModel.js';

/** The share that has been read, 0…1; null when the size is not known. */
export function progressShare({ doneBytes, totalBytes }: RecordsProgressMessage): number | null {
  if (totalBytes === null || totalBytes <= 0) return null;
  return Math.min(1, doneBytes / totalBytes);
}

/** `Reading 42 % · 12.3 MiB of 29.3 MiB · 1.2 M records`. */
export function describeProgress(progress: RecordsProgressMessage): string {
  const share = progressShare(progress);
  const bytes =
    progress.totalBytes === null
      ? formatBytes(progress.doneBytes)
      : `${formatBytes(progress.doneBytes)} of ${formatBytes(progress.totalBytes)}`;
  return `Reading${share === null ? '' : ` ${Math.floor(share * 100)} %`} · ${bytes} · ${formatCountShort(progress.rows)} records`;
}

export function describeFile(summary: MigrationSummary): string {
  return `can_migrate_task · ${formatCount(summary.rows)} calls · ${formatDuration(summary.durationNs)}`;
}

/** A line along the top: what the file is. */
export function createHeader(model: RecordsModel): HTMLElement {
  const facts = element('span', { className: 'toolbar-facts' });
  const title = element('h1', {}, 'Migration records');
  model.summary.observe((summary) => {
    if (summary === null) return;
    facts.textContent = describeFile(summary);
    facts.title = `${summary.name}: ${facts.textContent}`;
  });
  return element('header', { className: 'toolbar' }, title, facts);
}

/** A thin bar along the top while the file is being read. */
export function createReadingBar(model: RecordsModel): HTMLElement {
  const bar = createProgressBar('Reading the records');
  const show = () => {
    const progress = model.progress.value;
    bar.element.hidden = model.failure.value !== null;
    if (progress === null) bar.show(model.summary.value === null ? null : 'done');
    else bar.show(progressShare(progress));
  };
  model.progress.observe(show);
  model.summary.subscribe(show);
  model.failure.subscribe(show);
  return bar.element;
}

/** Covers the view before the records are there, and when they cannot be read. */
export function createCurtain(model: RecordsModel): HTMLElement {
  const text = element('p', {}, 'Reading the records…');
  const loading = element('div', { className: 'loading' }, progressRing('Reading'), text);
  const curtain = element('div', { className: 'curtain' }, loading);
  const show = () => {
    const failure = model.failure.value;
    const progress = model.progress.value;
    curtain.hidden = failure === null && model.summary.value !== null && progress === null;
    curtain.classList.toggle('failed', failure !== null);
    if (failure !== null) {
      replaceContent(
        curtain,
        element(
          'div',
          { className: 'failure', attributes: { role: 'alert' } },
          element('h2', {}, 'These records cannot be shown'),
          element('pre', {}, failure),
        ),
      );
      return;
    }
    if (progress !== null) text.textContent = describeProgress(progress);
    if (loading.parentElement !== curtain) replaceContent(curtain, loading);
  };
  model.progress.observe(show);
  model.summary.subscribe(show);
  model.failure.subscribe(show);
  return curtain;
}
