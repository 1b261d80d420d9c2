import type { FileToSave } from '../../../src/protocol/inspectionMessages.js';
import { element } from '../../common/dom.js';
import { ExportCard, type ExportCardOptions } from '../../common/exportCard.js';
import { unknownText } from '../../common/format.js';
import type { Signal } from '../../common/signal.js';
import type { Theme } from '../../common/theme.js';
import type { ModelModel } from '../model/modelModel.js';

/** What every card of the view is made with. */
export interface CardContext {
  readonly model: ModelModel;
  readonly theme: Signal<Theme>;
  readonly save: (file: FileToSave) => Promise<void>;
}

type Options = Omit<ExportCardOptions, 'theme' | 'save' | 'fileName'> & {
  /** Behind the run's name: `tcn-seen-calibration`. */
  readonly file: string;
  /** What is saved is of the chosen part. */
  readonly isOfPart?: boolean;
};

/** A card whose files are named after the run, the part and what they hold. */
export function cardOf(
  { model, theme, save }: CardContext,
  { file, isOfPart = false, ...options }: Options,
): ExportCard {
  const fileName = () => {
    const part = isOfPart ? `-${model.shownPart?.part ?? ''}` : '';
    return `${model.state.value?.title ?? 'model'}${part}-${file}`;
  };
  return new ExportCard({ ...options, theme, save, fileName });
}

/** Calls `show` now, and whenever what is shown of an evaluation changes. */
export function follow({ model, theme }: CardContext, show: () => void): void {
  for (const signal of [model.state, model.part, model.slice, model.measure, theme]) {
    (signal as Signal<unknown>).subscribe(show);
  }
  show();
}

export function unknown(title: string): HTMLElement {
  return element('span', { className: 'unknown', title }, unknownText);
}
