/** What guesses the time to the next event, as ln(1 + ns), from what went before. */
export interface TimeBaseline {
  readonly name: string;
  begin(): void;
  /** An event of `task` that came `logDelta` after the one before; NaN: the first of its sequence. */
  observe(task: number, logDelta: number): void;
  /** `null` where nothing is known yet. */
  guess(): number | null;
}

export class LastValue implements TimeBaseline {
  readonly name = 'last value';
  #last: number | null = null;

  begin(): void {
    this.#last = null;
  }

  observe(_task: number, logDelta: number): void {
    if (!Number.isNaN(logDelta)) this.#last = logDelta;
  }

  guess(): number | null {
    return this.#last;
  }
}

/** The median of the last values. */
export class RollingMedian implements TimeBaseline {
  readonly name: string;
  #recent: number[] = [];

  constructor(private readonly length: number) {
    this.name = `median of the last ${length}`;
  }

  begin(): void {
    this.#recent = [];
  }

  observe(_task: number, logDelta: number): void {
    if (Number.isNaN(logDelta)) return;
    this.#recent.push(logDelta);
    if (this.#recent.length > this.length) this.#recent.shift();
  }

  guess(): number | null {
    return this.#recent.length === 0 ? null : medianOf(this.#recent);
  }
}

/** An exponentially weighted mean: m ← m + α (x − m), from the first value on. */
export class ExponentialMean implements TimeBaseline {
  readonly name: string;
  #mean: number | null = null;

  constructor(private readonly alpha: number) {
    this.name = `EWMA ${alpha}`;
  }

  begin(): void {
    this.#mean = null;
  }

  observe(_task: number, logDelta: number): void {
    if (Number.isNaN(logDelta)) return;
    this.#mean = this.#mean === null ? logDelta : this.#mean + this.alpha * (logDelta - this.#mean);
  }

  guess(): number | null {
    return this.#mean;
  }
}

/** Of each task the median time until the next event, as the training part has it; else the median of all. */
export class TaskMedian implements TimeBaseline {
  readonly name = 'median of the task';
  readonly #medians = new Map<number, number>();
  #overall: number | null = null;
  #samples = new Map<number, number[]>();
  #isTraining = true;
  #task: number | null = null;

  begin(): void {
    this.#task = null;
  }

  observe(task: number, logDelta: number): void {
    if (this.#isTraining && this.#task !== null && !Number.isNaN(logDelta)) {
      const list = this.#samples.get(this.#task);
      if (list === undefined) this.#samples.set(this.#task, [logDelta]);
      else list.push(logDelta);
    }
    this.#task = task;
  }

  endTraining(): void {
    this.#isTraining = false;
    const lists = [...this.#samples];
    for (const [task, list] of lists) this.#medians.set(task, medianOf(list));
    const all = lists.flatMap(([, list]) => list);
    this.#overall = all.length === 0 ? null : medianOf(all);
    this.#samples = new Map();
  }

  guess(): number | null {
    return (this.#task === null ? undefined : this.#medians.get(this.#task)) ?? this.#overall;
  }
}

function medianOf(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
