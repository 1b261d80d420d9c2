import type { LaneId, LaneSegments, TimeRange } from '../../../src/protocol/traceMessages.js';
import type { TraceClient } from '../model/traceClient.js';
import { laneKey } from '../model/stateNames.js';
import { isLane } from '../model/validate.js';
import { planFetch, type CachedLane } from './fetchPlan.js';
import { deepestOf, isExact } from './segments.js';
import { span } from './viewport.js';

/** Lanes kept: some screens full. */
const capacity = 400;
/** A second request may overtake one that is under way: the view has moved on. */
const concurrent = 2;

interface Stored extends CachedLane {
  readonly sequence: number;
}

/**
 * The segments of the lanes in and near sight. Frames draw what is here, however old; `want` asks for what is
 * missing. Answers that were overtaken by newer ones are dropped.
 */
export class LaneStore {
  readonly #client: TraceClient;
  readonly #onData: () => void;
  readonly #lanes = new Map<string, Stored>();
  /** Request under way, by lane: the range and resolution asked for. */
  readonly #pending = new Map<string, CachedLane>();
  #inFlight = 0;
  #sequence = 0;
  #generation = 0;
  #failures = 0;

  constructor(client: TraceClient, onData: () => void) {
    this.#client = client;
    this.#onData = onData;
  }

  get(lane: LaneId): CachedLane | undefined {
    return this.#lanes.get(laneKey(lane));
  }

  /** More of the trace has been read: everything is drawn as it is until it has been asked for again. */
  outdate(): void {
    this.#generation++;
    this.#failures = 0;
    this.#pending.clear();
  }

  /** Whether everything that was wanted last is there. */
  get settled(): boolean {
    return this.#inFlight === 0;
  }

  /** Asks for what `wanted` lacks, unless it is under way. Call it in every frame. */
  want(view: TimeRange, bounds: TimeRange, widthPx: number, wanted: readonly LaneId[]): void {
    // After failures wait for new data instead of asking sixty times a second.
    if (this.#inFlight >= concurrent || this.#failures >= 3) return;
    const cachedOf = (lane: LaneId) => this.#pending.get(laneKey(lane)) ?? this.#lanes.get(laneKey(lane));
    const plan = planFetch(view, bounds, widthPx, wanted, cachedOf, this.#generation);
    if (plan !== null) void this.#fetch(plan.range, plan.widthPx, plan.lanes);
  }

  async #fetch(range: TimeRange, widthPx: number, lanes: readonly LaneId[]): Promise<void> {
    const sequence = ++this.#sequence;
    const generation = this.#generation;
    const nsPerPx = span(range) / widthPx;
    this.#inFlight++;
    for (const lane of lanes) {
      const segments = emptySegments(lane);
      this.#pending.set(laneKey(lane), { segments, range, nsPerPx, exact: false, deepest: 0, generation });
    }
    try {
      const answer = await this.#client.request('viewport', { range, widthPx, lanes });
      this.#failures = 0;
      const missing = new Map(lanes.map((lane) => [laneKey(lane), emptySegments(lane)]));
      for (const segments of answer.lanes) {
        if (!isLane(segments)) throw new Error('The trace worker sent a damaged lane.');
        missing.delete(laneKey(segments.lane));
        this.#keep(segments, { range, nsPerPx, generation, sequence });
      }
      // What the host left out is empty: asking again and again would not bring it.
      for (const segments of missing.values()) this.#keep(segments, { range, nsPerPx, generation, sequence });
    } catch (error) {
      this.#failures++;
      if (this.#failures === 1) this.#client.report(error);
    } finally {
      this.#inFlight--;
      for (const lane of lanes) {
        const key = laneKey(lane);
        if (this.#pending.get(key)?.range === range) this.#pending.delete(key);
      }
      this.#onData();
    }
  }

  #keep(segments: LaneSegments, asked: Pick<Stored, 'range' | 'nsPerPx' | 'generation' | 'sequence'>): void {
    const key = laneKey(segments.lane);
    const present = this.#lanes.get(key);
    if (present !== undefined && present.sequence > asked.sequence) return;
    const lane = { ...asked, segments, exact: isExact(segments), deepest: deepestOf(segments) };
    // Deleted first: a Map keeps the order of insertion, so the oldest lanes come first.
    this.#lanes.delete(key);
    this.#lanes.set(key, lane);
    for (const oldest of this.#lanes.keys()) {
      if (this.#lanes.size <= capacity) break;
      this.#lanes.delete(oldest);
    }
  }
}

function emptySegments(lane: LaneId): LaneSegments {
  const none = new Float64Array(0);
  return {
    lane,
    startNs: none,
    endNs: none,
    value: new Uint32Array(0),
    state: new Uint8Array(0),
    fill: new Float32Array(0),
    count: new Uint32Array(0),
  };
}
