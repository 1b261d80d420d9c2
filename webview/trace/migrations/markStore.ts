import type { MigrationKind, MigrationMarks } from '../../../src/protocol/timelineMigrations.js';
import type { TimeRange } from '../../../src/protocol/traceMessages.js';
import type { TraceClient } from '../model/traceClient.js';
import { span } from '../timeline/viewport.js';

/** Width that a mark takes, CSS px: closer ones of a kind become one. */
export const markPx = 9;
/** How much of the view is asked for on each side, and how little of it may be left before asking again. */
const aheadSpans = 1;
const leftSpans = 0.3;

interface Asked {
  readonly range: TimeRange;
  readonly columnNs: number;
  readonly cpus: readonly number[];
  readonly kinds: readonly MigrationKind[];
  readonly generation: number;
}

export interface MarkWish {
  readonly view: TimeRange;
  readonly bounds: TimeRange;
  /** CSS px. */
  readonly width: number;
  readonly cpus: readonly number[];
  readonly kinds: readonly MigrationKind[];
}

/** The request that serves a wish, with room on both sides; null when what was asked for last does. */
export function planMarks(wish: MarkWish, last: Asked | null, generation: number): Asked | null {
  const { view, bounds, kinds, cpus } = wish;
  const columnNs = (span(view) / Math.max(1, wish.width)) * markPx;
  if (kinds.length === 0 || cpus.length === 0 || !(columnNs > 0)) return null;
  if (last !== null && last.generation === generation && serves(last, wish, columnNs)) return null;
  // Whole columns, so that marks are put together alike wherever the view is.
  const first = Math.floor(Math.max(bounds.startNs, view.startNs - aheadSpans * span(view)) / columnNs);
  const end = Math.floor(Math.min(bounds.endNs, view.endNs + aheadSpans * span(view)) / columnNs) + 1;
  if (end <= first) return null;
  return { range: { startNs: first * columnNs, endNs: end * columnNs }, columnNs, cpus, kinds, generation };
}

function serves(last: Asked, { view, bounds, cpus, kinds }: MarkWish, columnNs: number): boolean {
  const room = leftSpans * span(view);
  const ratio = last.columnNs / columnNs;
  return (
    last.range.startNs <= Math.max(bounds.startNs, view.startNs - room) &&
    last.range.endNs >= Math.min(bounds.endNs, view.endNs + room) &&
    ratio < 1.3 &&
    ratio > 0.75 &&
    kinds.length === last.kinds.length &&
    kinds.every((kind) => last.kinds.includes(kind)) &&
    cpus.every((cpu) => last.cpus.includes(cpu))
  );
}

/** The marks in and near sight. Frames draw what is here, however old; `want` asks for what is missing. */
export class MarkStore {
  readonly #client: TraceClient;
  readonly #onData: () => void;
  #marks = new Map<number, MigrationMarks>();
  #asked: Asked | null = null;
  #inFlight = false;
  #failures = 0;
  #generation = 0;

  constructor(client: TraceClient, onData: () => void) {
    this.#client = client;
    this.#onData = onData;
  }

  get(cpu: number): MigrationMarks | undefined {
    return this.#marks.get(cpu);
  }

  /** Other records are on the timeline: what is here is drawn until it has been asked for again. */
  outdate(): void {
    this.#generation++;
    this.#failures = 0;
  }

  /** Call it in every frame. Without kinds nothing is asked for and nothing kept. */
  want(wish: MarkWish): void {
    if (wish.kinds.length === 0) {
      if (this.#asked === null) return;
      this.#asked = null;
      this.#marks = new Map();
      return;
    }
    // After failures wait for new data instead of asking sixty times a second.
    if (this.#inFlight || this.#failures >= 3) return;
    const plan = planMarks(wish, this.#asked, this.#generation);
    if (plan !== null) void this.#fetch(plan);
  }

  async #fetch(plan: Asked): Promise<void> {
    this.#inFlight = true;
    const { range, columnNs, cpus, kinds } = plan;
    try {
      const columns = Math.max(1, Math.round(span(range) / columnNs));
      const { lanes } = await this.#client.request('migrationMarks', { range, columns, cpus, kinds });
      if (!lanes.every(areMarks)) throw new Error('The trace worker sent damaged marks.');
      this.#marks = new Map(lanes.map((marks) => [marks.cpu, marks]));
      this.#asked = plan;
      this.#failures = 0;
    } catch (error) {
      this.#failures++;
      if (this.#failures === 1) this.#client.report(error);
    } finally {
      this.#inFlight = false;
      this.#onData();
    }
  }
}

/** Whether the arrays are there and of one length: drawing code indexes them unchecked. */
function areMarks(marks: MigrationMarks): boolean {
  const { kind, startNs, endNs, count, item } = marks;
  return (
    kind instanceof Uint8Array &&
    startNs instanceof Float64Array &&
    endNs instanceof Float64Array &&
    count instanceof Uint32Array &&
    item instanceof Uint32Array &&
    [startNs, endNs, count, item].every((array) => array.length === kind.length)
  );
}
