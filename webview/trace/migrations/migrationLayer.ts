import type { MigrationDetail, MigrationKind } from '../../../src/protocol/timelineMigrations.js';
import type { TimeRange } from '../../../src/protocol/traceMessages.js';
import type { TraceClient } from '../model/traceClient.js';
import type { TraceModel } from '../model/traceModel.js';
import type { Description } from '../timeline/describe.js';
import type { VisibleLane } from '../timeline/laneRenderer.js';
import { describeMark } from './describeMigration.js';
import { drawMigrations, type MigrationScene } from './drawMigrations.js';
import { markAt, type MarkHit } from './markHit.js';
import { MarkStore } from './markStore.js';
import { kindsOf } from './migrationModes.js';

/** Details kept for hovering back and forth. */
const mostDetails = 500;

/** Migrations as a layer over the lanes of the CPUs. Switched off it asks for nothing and draws nothing. */
export class MigrationLayer {
  readonly #model: TraceModel;
  readonly #client: TraceClient;
  readonly #store: MarkStore;
  readonly #details = new Map<string, MigrationDetail | null>();
  /** Called when something has arrived that is to be drawn or told. */
  onData: () => void = () => undefined;

  constructor(model: TraceModel, client: TraceClient) {
    this.#model = model;
    this.#client = client;
    this.#store = new MarkStore(client, () => this.onData());
    model.migrations.subscribe(() => {
      this.#details.clear();
      this.#store.outdate();
      this.onData();
    });
    for (const signal of [model.migrationMode, model.migration]) signal.subscribe(() => this.onData());
  }

  get isOff(): boolean {
    return this.#kinds.length === 0 && this.#model.migration.value === null;
  }

  /** @param width CSS px */
  want(view: TimeRange, width: number, cpus: readonly number[]): void {
    this.#store.want({ view, bounds: this.#model.bounds, width, cpus, kinds: this.#kinds });
  }

  draw(context: CanvasRenderingContext2D, scene: Omit<MigrationScene, 'marksOf' | 'selected'>): void {
    if (this.isOff) return;
    const selected = this.#model.migration.value;
    drawMigrations(context, { ...scene, selected, marksOf: (cpu) => this.#store.get(cpu) });
  }

  /** The mark at a point of a lane; `x` and `y` in CSS px, `y` from the top of the row. */
  hit({ lane, row }: VisibleLane, x: number, y: number, view: TimeRange, width: number): MarkHit | null {
    const marks = lane?.kind === 'cpu' ? this.#store.get(lane.cpu) : undefined;
    return marks === undefined ? null : markAt(marks, { x, y, rowHeight: row.height, view, width });
  }

  /** What the tooltip says of a mark: at first what is known, and when the rest arrives `onData` is called. */
  describe(mark: MarkHit): Description {
    const detail = mark.count > 1 ? undefined : this.#detail(mark.kind, mark.item);
    return describeMark(mark, detail, this.#model.baseNs);
  }

  #detail(kind: MigrationKind, item: number): MigrationDetail | undefined {
    const key = `${kind} ${item}`;
    const known = this.#details.get(key);
    if (known !== undefined) return known ?? undefined;
    if (this.#details.size >= mostDetails) this.#details.clear();
    this.#details.set(key, null);
    void this.#client.ask('migration', { kind, item }).then((detail) => {
      if (detail === undefined || detail === null) return;
      this.#details.set(key, detail);
      this.onData();
    });
    return undefined;
  }

  get #kinds(): readonly MigrationKind[] {
    return this.#model.migrations.value?.isReady === true ? kindsOf(this.#model.migrationMode.value) : [];
  }
}
