import type { SliceName } from '../../../src/protocol/evaluation.js';
import type {
  ComparedMetric,
  ComparedMetricId,
  ComparedPart,
  ComparedSlice,
  ModelComparison,
  ModelComparisonMemory,
  ModelComparisonState,
} from '../../../src/protocol/modelComparisonMessages.js';
import type { Notice } from '../../common/notices.js';
import { Signal } from '../../common/signal.js';

/** What the parts of the view share. Each part sets what its user does and follows what others set. */
export class ComparisonModel {
  readonly state = new Signal<ModelComparisonState | null>(null);
  /** Why nothing can be shown. */
  readonly failure = new Signal<string | null>(null);
  /** Wanted; what is shown may be the first where there is no such. */
  readonly part = new Signal<string | null>(null);
  readonly slice = new Signal<SliceName>('all');
  readonly metric = new Signal<ComparedMetricId | null>(null);
  /** Folder of the run that the others are measured against; `null`: the first. */
  readonly against = new Signal<string | null>(null);
  readonly announcement = new Signal<string>('');
  readonly notice = new Signal<Notice | null>(null);

  get comparison(): ModelComparison | null {
    const { value } = this.state;
    return value?.kind === 'ready' ? value.comparison : null;
  }

  get shownPart(): ComparedPart | null {
    const parts = this.comparison?.parts ?? [];
    return parts.find(({ part }) => part === this.part.value) ?? parts[0] ?? null;
  }

  get shownSlice(): ComparedSlice | null {
    const slices = this.shownPart?.slices ?? [];
    return slices.find(({ slice }) => slice === this.slice.value) ?? slices[0] ?? null;
  }

  get shownMetric(): ComparedMetric | null {
    const metrics = this.shownSlice?.metrics ?? [];
    return metrics.find(({ metric }) => metric === this.metric.value) ?? metrics[0] ?? null;
  }

  get memory(): ModelComparisonMemory {
    return {
      part: this.part.value,
      slice: this.slice.value,
      metric: this.metric.value,
      against: this.against.value,
    };
  }

  recall({ part, slice, metric, against }: ModelComparisonMemory): void {
    this.part.set(part);
    this.slice.set(slice);
    this.metric.set(metric);
    this.against.set(against);
  }

  /** Calls `show` now, and whenever what is shown changes. */
  follow(show: () => void): void {
    for (const signal of [this.state, this.part, this.slice, this.metric]) {
      (signal as Signal<unknown>).subscribe(show);
    }
    show();
  }
}
