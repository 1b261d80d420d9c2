import type { FileToSave } from '../../../src/protocol/inspectionMessages.js';
import { element } from '../../common/dom.js';
import { ExportCard, type ExportCardOptions } from '../../common/exportCard.js';
import type { Signal } from '../../common/signal.js';
import type { Theme } from '../../common/theme.js';
import type { StudyModel } from '../model/studyModel.js';

/** What every card of the view is made with. */
export interface CardContext {
  readonly model: StudyModel;
  readonly theme: Signal<Theme>;
  readonly save: (file: FileToSave) => Promise<void>;
}

type Options = Omit<ExportCardOptions, 'theme' | 'save' | 'fileName'> & {
  /** Behind the name of the study: `shared-experiment-2-models`. */
  readonly file: () => string;
};

/** A card whose files are named after the study and what they hold. */
export function cardOf({ model, theme, save }: CardContext, { file, ...options }: Options): ExportCard {
  const fileName = () => {
    const name = model.state.value?.name.replace(/\.neural-cfs\.json$/, '') ?? 'study';
    return `${name}-${file()}`;
  };
  return new ExportCard({ ...options, theme, save, fileName });
}

/** `experiment-2-group-models`; with the workload where it is one. */
export function experimentFile(model: StudyModel, what: string): string {
  const { shownExperiment, shownWay, shownPart } = model;
  const part = shownPart?.workload ?? null;
  return [`experiment-${shownExperiment}`, shownWay?.way ?? '', ...(part === null ? [] : [part]), what]
    .filter((each) => each !== '')
    .join('-');
}

/** Calls `show` now, and whenever what is shown or the theme changes. */
export function follow({ model, theme }: CardContext, show: () => void): void {
  model.follow(show);
  theme.subscribe(show);
}

/** An em dash with its reason. */
export function unknown(reason: string): HTMLElement {
  return element('span', { className: 'unknown', title: reason }, '—');
}

/** Puts controls on a card that does not have them yet: taken off and put back they would lose the focus. */
export function putControls(card: ExportCard, controls: HTMLElement): void {
  if (!card.element.contains(controls)) card.setControls(controls);
}

/** A card that says only why it has nothing to show. */
export function showNothing(card: ExportCard, reason: string): void {
  card.setExportable(false);
  card.setChart(null);
  card.setWords('');
  card.setNote('');
  card.setBelow(element('p', { className: 'empty-chart' }, reason));
}
