import { localTime } from '../../../src/base/localTime.js';
import type { ModelRun } from '../../../src/protocol/neuralCfsRunMessages.js';
import { button } from '../../common/controls.js';
import { element, replaceContent } from '../../common/dom.js';
import { warningList } from '../../neuralCfs/panels/markedList.js';
import { counted, EXPERIMENTS } from '../../neuralCfs/model/words.js';
import type { Act, RunModel } from '../model/runModel.js';

/** What was trained and when, what can be done with it, and what to know before any figure. */
export function createHeader(model: RunModel, act: Act): HTMLElement {
  const title = element('h1', {}, 'Model of migrations');
  const facts = element('p', { className: 'study-facts' });
  const below = element('div');
  const actions = element(
    'div',
    { className: 'run-actions' },
    button(
      'Emit Sources…',
      'Write the model as C, an eBPF program or a kernel module',
      () => void act('emitSources', {}),
    ),
    button(
      'Deploy…',
      'Put it into the kernel of a test machine: choose how, see every step, and agree first',
      () => void act('deployModel', { machine: null }),
      false,
    ),
  );
  model.state.observe((state) => {
    if (state === null) return;
    title.textContent = state.name;
    title.title = state.folder;
    facts.textContent = factsOf(state.run);
    replaceContent(below, warningList(state.run.warnings), untrustedNote(state.isTrusted));
  });
  return element(
    'header',
    { className: 'study-header' },
    element('div', { className: 'study-title' }, title, actions),
    facts,
    below,
  );
}

/** `Experiment 2: Does its history end in a forced migration? · LibML (SGD, batch 1) · made 2026-11-22 05:01 · seed 42 · KernelOracle 0.1.0` */
export function factsOf({
  experiment,
  model,
  made,
  seed,
  kernelOracleVersion,
  recordings,
}: ModelRun): string {
  const workloads = new Set(recordings.map(({ workload }) => workload)).size;
  const { label, title } = EXPERIMENTS[experiment];
  return [
    `${label}: ${title}`,
    model.title,
    `made ${localTime(made)}`,
    `${counted(recordings.length, 'recording')} of ${counted(workloads, 'workload')}`,
    `seed ${seed}`,
    `KernelOracle ${kernelOracleVersion}`,
  ].join(' · ');
}

function untrustedNote(isTrusted: boolean): HTMLElement | null {
  return isTrusted
    ? null
    : element(
        'p',
        { className: 'run-note', attributes: { role: 'note' } },
        'This workspace is not trusted: nothing is deployed from it, and what is deployed is left alone.',
      );
}
