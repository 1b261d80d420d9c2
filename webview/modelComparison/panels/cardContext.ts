import type { FileToSave } from '../../../src/protocol/inspectionMessages.js';
import { ExportCard, type ExportCardOptions } from '../../common/exportCard.js';
import type { Signal } from '../../common/signal.js';
import type { Theme } from '../../common/theme.js';
import type { ComparisonModel } from '../model/comparisonModel.js';

/** What every card of the view is made with. */
export interface CardContext {
  readonly model: ComparisonModel;
  readonly theme: Signal<Theme>;
  readonly save: (file: FileToSave) => Promise<void>;
}

type Options = Omit<ExportCardOptions, 'theme' | 'save' | 'fileName'> & {
  /** Behind the names of the runs and of the part: `tcn-lstm-seen-figures`. */
  readonly file: string;
};

/** A card whose files are named after the runs, the part and what they hold. */
export function cardOf({ model, theme, save }: CardContext, { file, ...options }: Options): ExportCard {
  const fileName = () => {
    const titles = model.comparison?.runs.map(({ title }) => title) ?? [];
    return [...titles, model.shownPart?.part ?? '', file].filter((each) => each !== '').join('-');
  };
  return new ExportCard({ ...options, theme, save, fileName });
}

/** Calls `show` now, and whenever what is shown or the theme changes. */
export function follow({ model, theme }: CardContext, show: () => void): void {
  model.follow(show);
  theme.subscribe(show);
}
