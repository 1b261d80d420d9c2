import type { Evaluation, PartEvaluation } from '../../../src/protocol/evaluation.js';
import type { ModelPanelState } from '../../../src/protocol/modelPanelMessages.js';
import type { Notice } from '../../common/notices.js';
import { Signal } from '../../common/signal.js';

export const TABS = ['figures', 'workloads', 'tasks', 'audit', 'layers', 'training'] as const;
export type TabId = (typeof TABS)[number];

/** What the parts of the view share. */
export class ModelModel {
  readonly state = new Signal<ModelPanelState | null>(null);
  readonly tab = new Signal<TabId>('figures');
  /** Of `PartEvaluation.part`; what was chosen last, whether there is such a part or not. */
  readonly part = new Signal<string>('seen');
  /** Slice of a next-task model, or `h` and the horizon of a forecaster. */
  readonly slice = new Signal<string>('all');
  readonly measure = new Signal<string>('top1');
  /** Why there is nothing to show; `null` when there is. */
  readonly failure = new Signal<string | null>(null);
  /** The button was pressed, and the work goes on. */
  readonly isWorking = new Signal<boolean>(false);
  readonly notice = new Signal<Notice | null>(null);
  readonly announcement = new Signal<string>('');

  get evaluation(): Evaluation | null {
    const found = this.state.value?.evaluation;
    return found?.kind === 'found' ? found.value : null;
  }

  /** The chosen part, or the first one where it was not evaluated. */
  get shownPart(): PartEvaluation | null {
    const parts = this.evaluation?.parts ?? [];
    return parts.find(({ part }) => part === this.part.value) ?? parts[0] ?? null;
  }
}

export function isTab(value: string): value is TabId {
  return (TABS as readonly string[]).includes(value);
}
