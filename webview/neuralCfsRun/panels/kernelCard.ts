import { button } from '../../common/controls.js';
import { element, replaceContent } from '../../common/dom.js';
import type { Act, RunModel } from '../model/runModel.js';
import { card } from './card.js';
import { MachineSection } from './machineSection.js';

/** Where this model, or another, is in the kernel of a test machine: a section each, which stays when it is told anew. */
export function createKernelCard(model: RunModel, act: Act): HTMLElement {
  const sections = new Map<string, MachineSection>();
  const list = element('div', { className: 'machine-sections' });
  const nothing = element(
    'p',
    { className: 'empty-chart' },
    'No machine is known to have a model in its kernel. Deploy this one, or ask a machine.',
  );
  const shown = card(
    'In the kernel',
    button(
      'Ask a Machine…',
      'Connects to a test machine, and asks it which model it has in its kernel',
      () => void act('askMachine', { machine: null }),
    ),
  );
  shown.show(nothing, list);
  const show = () => {
    const machines = model.machines.value;
    nothing.hidden = machines.length > 0;
    const known = new Set(machines.map(({ machine }) => machine));
    for (const name of [...sections.keys()]) if (!known.has(name)) sections.delete(name);
    for (const view of machines) {
      const section = sections.get(view.machine) ?? new MachineSection(view.machine, act);
      sections.set(view.machine, section);
      section.show(view, model.carried.value, model.state.value?.isTrusted ?? false);
    }
    const wanted = machines.map(({ machine }) => sections.get(machine)!.element);
    // Put in anew they would lose the focus.
    if (wanted.some((each, at) => list.children[at] !== each) || list.children.length !== wanted.length) {
      replaceContent(list, ...wanted);
    }
  };
  model.machines.subscribe(show);
  model.carried.subscribe(show);
  model.state.observe(show);
  return shown.element;
}
