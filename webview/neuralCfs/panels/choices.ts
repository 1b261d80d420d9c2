import type { ExperimentNumber, WayName } from '../../../src/protocol/neuralCfs.js';
import { ChoiceBar } from '../../common/choiceBar.js';
import { dropdown } from '../../common/controls.js';
import { element, replaceContent } from '../../common/dom.js';
import type { StudyModel, TabId } from '../model/studyModel.js';
import { EXPERIMENTS, partLabel, WAYS } from '../model/words.js';

const WITH_WAY: readonly TabId[] = ['experiments', 'threshold'];
const WITH_WORKLOAD: readonly TabId[] = ['experiments', 'threshold', 'columns'];
/** In a list of names: all workloads. Not empty, as the list takes an option without a value for the chosen one. */
const ALL = '*';

/** Which experiment, way and workload: for all cards alike, as far as they mean something to a tab. */
export function createChoices(model: StudyModel): HTMLElement {
  const experiments = new ChoiceBar<`${ExperimentNumber}`>('Experiment', '2', (id) =>
    model.experiment.set(Number(id) as ExperimentNumber),
  );
  const ways = new ChoiceBar<WayName>('How rows were split', 'group', (way) => model.way.set(way));
  const workloads = element('span', { className: 'labelled' });
  const chooser = createDropdown(workloads, 'Workload', (id) => model.workload.set(id === ALL ? null : id));
  const show = () => {
    const tab = model.tab.value;
    experiments.show(
      model.experiments.map((each) => {
        const { label, title } = EXPERIMENTS[each];
        return { id: `${each}`, label, title };
      }),
    );
    experiments.set(`${model.shownExperiment}`);
    const offered = model.result?.ways ?? [];
    ways.element.hidden = !WITH_WAY.includes(tab) || offered.length === 0;
    ways.show(
      offered.map(({ way, split }) => ({ id: way, ...WAYS[way], title: `${WAYS[way].title} ${split}` })),
    );
    if (model.shownWay !== null) ways.set(model.shownWay.way);
    const { names, shown } = workloadsOf(model);
    workloads.hidden = !WITH_WORKLOAD.includes(tab) || names.length < 2;
    chooser(Object.fromEntries(names.map((name) => [name ?? ALL, partLabel(name)])), shown ?? ALL);
  };
  model.follow(show);
  model.tab.subscribe(show);
  return element('div', { className: 'study-choices' }, experiments.element, ways.element, workloads);
}

/** Those that the tab in front can show by themselves, all of them together first. */
function workloadsOf(model: StudyModel): { names: readonly (string | null)[]; shown: string | null } {
  if (model.tab.value !== 'columns') {
    const parts = model.shownWay?.parts ?? [];
    return { names: parts.map(({ workload }) => workload), shown: model.shownPart?.workload ?? null };
  }
  const names = (model.ranking?.workloads ?? []).map(({ workload }) => workload);
  const ordered = [...names.filter((name) => name === null), ...names.filter((name) => name !== null)];
  return { names: ordered, shown: model.rankedWorkload?.workload ?? null };
}

/** A list to choose from whose entries change: made anew only when they do, so that it keeps the focus. */
export function createDropdown(
  place: HTMLElement,
  label: string,
  choose: (id: string) => void,
): (options: Readonly<Record<string, string>>, chosen: string) => void {
  let made = '';
  let shown = '';
  return (options, chosen) => {
    const key = JSON.stringify(options);
    if (key === made && chosen === shown) return;
    const hadFocus = place.contains(document.activeElement);
    made = key;
    shown = chosen;
    const list = dropdown(label, options, chosen, (id) => {
      shown = id;
      choose(id);
    });
    replaceContent(place, element('span', { attributes: { 'aria-hidden': 'true' } }, label), list);
    if (hadFocus) list.focus();
  };
}
