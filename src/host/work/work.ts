import { toDisposable, type Disposable } from '../../base/disposable.js';
import type {
  ArtifactView,
  CellState,
  CellView,
  LaneView,
  WorkKind,
  WorkRemark,
  WorkStatus,
  WorkView,
} from '../../protocol/machineWorkMessages.js';

export interface WorkOutline {
  readonly kind: WorkKind;
  readonly title: string;
  readonly description: string;
  readonly machines: readonly string[];
  /** The matrix of runs, where there is one; all waiting at first. */
  readonly cells?: readonly Pick<CellView, 'row' | 'column'>[];
  /** How long each collection takes; null when nobody knows. */
  readonly durationMs: number | null;
}

/**
 * Work that goes on on test machines, whether a panel shows it or not: what is known of it, and its two signals. `stop`
 * keeps what was collected, `cancel` drops it.
 */
export class Work {
  readonly #outline: WorkOutline;
  readonly #listeners = new Set<() => void>();
  readonly #stop = new AbortController();
  readonly #cancel = new AbortController();
  readonly #lanes: Map<string, LaneView>;
  readonly #cells: Map<string, CellView>;
  readonly #artifacts: ArtifactView[] = [];
  readonly #remarks: WorkRemark[] = [];
  #status: WorkStatus = 'running';

  constructor(outline: WorkOutline) {
    this.#outline = outline;
    this.#lanes = new Map(
      outline.machines.map((machine) => [
        machine,
        { machine, phase: 'waiting', doing: null, counters: null, failure: null },
      ]),
    );
    this.#cells = new Map(
      (outline.cells ?? []).map(({ row, column }) => [
        cellKey(row, column),
        { row, column, state: 'waiting', note: null },
      ]),
    );
  }

  get title(): string {
    return this.#outline.title;
  }

  get machines(): readonly string[] {
    return this.#outline.machines;
  }

  get status(): WorkStatus {
    return this.#status;
  }

  get isOver(): boolean {
    return this.#status === 'done' || this.#status === 'failed' || this.#status === 'cancelled';
  }

  get artifacts(): readonly ArtifactView[] {
    return this.#artifacts;
  }

  /** Aborted: finish, keep what was collected. */
  get stopSignal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Aborted: drop everything that is not finished. */
  get cancelSignal(): AbortSignal {
    return this.#cancel.signal;
  }

  onChanged(listener: () => void): Disposable {
    this.#listeners.add(listener);
    return toDisposable(() => this.#listeners.delete(listener));
  }

  stop(): void {
    if (this.#status !== 'running') return;
    this.#status = 'stopping';
    this.#stop.abort();
    this.#changed();
  }

  cancel(): void {
    if (this.isOver || this.#status === 'cancelling') return;
    this.#status = 'cancelling';
    this.#cancel.abort();
    this.#changed();
  }

  updateLane(machine: string, change: Partial<Omit<LaneView, 'machine'>>): void {
    const lane = this.#lanes.get(machine);
    if (lane === undefined) return;
    this.#lanes.set(machine, { ...lane, ...change });
    this.#changed();
  }

  lane(machine: string): LaneView | undefined {
    return this.#lanes.get(machine);
  }

  updateCell(row: string, column: string, state: CellState, note: string | null = null): void {
    if (!this.#cells.has(cellKey(row, column))) return;
    this.#cells.set(cellKey(row, column), { row, column, state, note });
    this.#changed();
  }

  addArtifact(artifact: ArtifactView): void {
    this.#artifacts.push(artifact);
    this.#changed();
  }

  addRemark(remark: WorkRemark): void {
    this.#remarks.push(remark);
    this.#changed();
  }

  /** Everything ended, and this is how. What never began counts as cancelled. */
  end(status: 'done' | 'failed' | 'cancelled'): void {
    for (const cell of this.#cells.values()) {
      if (cell.state === 'waiting' || cell.state === 'running') {
        this.#cells.set(cellKey(cell.row, cell.column), { ...cell, state: 'cancelled' });
      }
    }
    this.#status = status;
    this.#changed();
  }

  get view(): WorkView {
    const { kind, title, description } = this.#outline;
    return {
      kind,
      title,
      description,
      status: this.#status,
      share: this.#share(),
      lanes: [...this.#lanes.values()],
      cells: [...this.#cells.values()],
      artifacts: [...this.#artifacts],
      remarks: [...this.#remarks],
    };
  }

  #share(): number | null {
    if (this.isOver) return 1;
    const cells = [...this.#cells.values()];
    if (cells.length > 0) {
      return cells.filter(({ state }) => state !== 'waiting' && state !== 'running').length / cells.length;
    }
    const { durationMs } = this.#outline;
    if (durationMs === null || durationMs <= 0) return null;
    const shares = [...this.#lanes.values()].map(({ phase, counters }) =>
      phase === 'done' || phase === 'failed' || phase === 'cancelled'
        ? 1
        : Math.min(1, (counters?.elapsedMs ?? 0) / durationMs),
    );
    return Math.min(...shares);
  }

  #changed(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}

function cellKey(row: string, column: string): string {
  return JSON.stringify([row, column]);
}
