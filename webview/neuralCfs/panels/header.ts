import { localTime } from '../../../src/base/localTime.js';
import type { NeuralCfsStudy } from '../../../src/protocol/neuralCfsStudy.js';
import { button, setEnabled } from '../../common/controls.js';
import { element, replaceContent } from '../../common/dom.js';
import { formatDuration } from '../../common/format.js';
import type { StudyModel } from '../model/studyModel.js';
import { summaryOf } from '../model/summary.js';
import { counted } from '../model/words.js';
import { paragraphs, warningList } from './markedList.js';

/** What was studied and when, what to know before any figure, and what it comes to. */
export function createHeader(model: StudyModel, repeat: () => void): HTMLElement {
  const title = element('h1', {}, 'NeuralCFS study');
  const facts = element('p', { className: 'study-facts' });
  const below = element('div');
  const again = button('Repeat', 'Make the study anew with the same settings, and replace this one', repeat);
  model.isRepeating.observe((isRepeating) => {
    setEnabled(again, !isRepeating);
    again.textContent = isRepeating ? 'Repeating…' : 'Repeat';
  });
  const header = element(
    'header',
    { className: 'study-header' },
    element('div', { className: 'study-title' }, title, again),
    facts,
    below,
  );
  model.state.observe((state) => {
    if (state?.kind !== 'ready') return;
    const { name, path, study } = state;
    title.textContent = name.replace(/\.neural-cfs\.json$/, '');
    title.title = path;
    facts.textContent = factsOf(study);
    replaceContent(below, warningList(warningsOf(study)), paragraphs('study-summary', summaryOf(study)));
  });
  return header;
}

/** `Made 2026-11-22 05:01 in 48 s · 57,520 calls · 23 recordings of 7 workloads on 2 machines · seed 42 · models: mlp, libml` */
export function factsOf({ made, elapsedSeconds, rows, recordings, settings }: NeuralCfsStudy): string {
  const workloads = new Set(recordings.map(({ workload }) => workload)).size;
  const machines = new Set(recordings.flatMap(({ machine }) => machine ?? [])).size;
  const of = `${counted(recordings.length, 'recording')} of ${counted(workloads, 'workload')}`;
  return [
    `Made ${localTime(made)} in ${formatDuration(Math.round(elapsedSeconds * 1e9))}`,
    counted(rows, 'call'),
    machines === 0 ? of : `${of} on ${counted(machines, 'machine')}`,
    `seed ${settings.seed}`,
    ...(settings.models.length === 0 ? [] : [`models: ${settings.models.join(', ')}`]),
  ].join(' · ');
}

/** Each once: what holds of the whole study may stand in its results as well. */
export function warningsOf({ warnings, results, leftOut }: NeuralCfsStudy): string[] {
  const left = leftOut.length === 0 ? [] : [leftOutText(leftOut.length)];
  return [...new Set([...warnings, ...(results?.warnings ?? []), ...left])];
}

function leftOutText(files: number): string {
  return `${counted(files, 'file')} ${files === 1 ? 'was' : 'were'} left out or ${files === 1 ? 'is' : 'are'} odd: the tab Data says why.`;
}
