import type {
  LatencyFacet,
  LatencySetChange,
  LatencySettings,
  LatencySetView,
  LatencyState,
} from '../../../src/protocol/latencyMessages.js';
import type { FileToSave } from '../../../src/protocol/inspectionMessages.js';
import type { Notice } from '../../common/notices.js';
import { Signal } from '../../common/signal.js';

/** What the parts of the view share. */
export class LatencyModel {
  readonly state = new Signal<LatencyState | null>(null);
  /** Why there is nothing to see. */
  readonly failure = new Signal<string | null>(null);
  readonly notice = new Signal<Notice | null>(null);
  readonly announcement = new Signal<string>('');

  /** Takes a state, unless a newer one is shown. */
  accept(state: LatencyState): void {
    const shown = this.state.value;
    if (shown !== null && shown.version > state.version) return;
    this.failure.set(null);
    this.state.set(state);
  }
}

/** What the parts ask for. */
export interface LatencyActions {
  addFiles(): void;
  save(): void;
  changeSet(change: LatencySetChange): void;
  removeSet(set: number): void;
  setBaseline(label: string): void;
  /** The others stay as they are. */
  changeSettings(part: Partial<LatencySettings>): void;
  openSource(set: number): void;
  saveFile(file: FileToSave): Promise<void>;
}

/** The sets of a facet that can be drawn, each with its place. */
export function drawnSets(
  facet: LatencyFacet,
  sets: readonly LatencySetView[],
): { readonly at: number; readonly view: LatencySetView }[] {
  return facet.sets.flatMap((at) => {
    const view = sets[at];
    return view?.curve == null ? [] : [{ at, view }];
  });
}

/** Labels in the order in which they come first: each has one colour and dash in all facets. */
export function labelsOf(sets: readonly LatencySetView[]): string[] {
  return [...new Set(sets.map(({ set }) => set.label))];
}
