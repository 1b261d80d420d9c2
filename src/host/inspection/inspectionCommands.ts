import { PANELS } from '../../manifest.js';
import { Failure } from '../../base/errors.js';
import type { RunChoice } from '../training/runs/runChoice.js';
import { hasWeights } from './evaluation/evaluationCommands.js';
import type { InspectionPanels } from './inspectionPanels.js';

const COMPARE = 'Compare Models';
/** More columns cannot be told apart. */
const MOST_COMPARED = 8;

/** The commands that open panels. */
export class InspectionCommands {
  constructor(
    private readonly panels: InspectionPanels,
    private readonly choice: RunChoice,
  ) {}

  showModel(...args: unknown[]): Promise<void> {
    return this.#show(PANELS.model, 'Show Model', args);
  }

  showConfusion(...args: unknown[]): Promise<void> {
    return this.#show(PANELS.confusion, 'Show Confusion Matrix', args);
  }

  showForecast(...args: unknown[]): Promise<void> {
    return this.#show(PANELS.forecast, 'Show Forecast', args);
  }

  async compareModels(...args: unknown[]): Promise<void> {
    const folders = await this.choice.some(COMPARE, args, hasWeights);
    if (folders.length === 0) return;
    if (folders.length === 1) {
      throw new Failure(
        'wrong-usage',
        'Select two runs or more to compare their models: Ctrl+click another.',
      );
    }
    if (folders.length > MOST_COMPARED) {
      throw new Failure('wrong-usage', `At most ${MOST_COMPARED} models are compared at once.`);
    }
    this.panels.show(PANELS.modelComparison, folders);
  }

  /** A panel for each run that was named, else for one that the user chooses. */
  async #show(id: string, title: string, args: readonly unknown[]): Promise<void> {
    const given = this.choice.foldersOf(args);
    const chosen = given.length > 0 ? undefined : await this.choice.one(title, [], hasWeights);
    for (const folder of chosen === undefined ? given : [chosen]) this.panels.show(id, [folder]);
  }
}
