import type { LaneId, SliceDetail, TimeRange } from '../../src/protocol/traceMessages.js';
import type { TraceClient } from './model/traceClient.js';
import type { TraceModel } from './model/traceModel.js';
import { announcement } from './timeline/describe.js';
import type { Hit } from './timeline/hover.js';
import type { TimelineView } from './timeline/timelineView.js';
import { around, centredOn, fitted, span } from './timeline/viewport.js';

/** A wait narrower than this on screen is zoomed to, until it is so wide; px. */
const leastWaitPx = 24;
const goodWaitPx = 240;

/** What selecting does: asks for the slice, tells everyone, and moves the view where it is wanted. */
export class SelectionController {
  readonly #model: TraceModel;
  readonly #client: TraceClient;
  readonly #timeline: () => TimelineView;
  readonly #showDetails: () => void;
  #version = 0;

  constructor(model: TraceModel, client: TraceClient, timeline: () => TimelineView, showDetails: () => void) {
    this.#model = model;
    this.#client = client;
    this.#timeline = timeline;
    this.#showDetails = showDetails;
  }

  /** Selects what was clicked on; a click beside everything clears. */
  async click(hit: Hit | null): Promise<void> {
    const version = ++this.#version;
    if (hit?.segment == null) {
      this.clear();
      return;
    }
    const { lane: segments, index } = hit.segment;
    const startNs = segments.startNs[index]!;
    const endNs = segments.endNs[index]!;
    // The pointer may be a pixel beside a narrow slice: ask for a time within it.
    const atNs = Math.min(Math.max(hit.timeNs, startNs), startNs + (endNs - startNs) * 0.999);
    const lane: LaneId = hit.lane.kind === 'depth' ? { kind: 'cpu', cpu: hit.lane.cpu } : hit.lane;
    const detail = await this.#client.ask('sliceAt', { lane, atNs: Math.floor(atNs) });
    if (version !== this.#version || detail === undefined) return;
    if (detail === null) {
      if (segments.count[index]! > 1)
        this.#model.note('Several slices share this pixel: zoom in to pick one.');
      else this.clear();
      return;
    }
    this.#select(lane, detail);
    this.#showDetails();
  }

  /** Fills the view with what was double-clicked. */
  async zoomTo(hit: Hit | null): Promise<void> {
    await this.click(hit);
    const detail = this.#model.slice.value?.detail;
    if (hit?.segment == null || detail === undefined) return;
    this.#timeline().goTo(
      around({ startNs: detail.startNs, endNs: detail.endNs ?? this.#model.bounds.endNs }),
    );
  }

  /** Selects a thread, as a whole, and scrolls to its lane. */
  async selectThread(thread: number): Promise<void> {
    const { slice, migration } = this.#model;
    if (migration.value?.thread !== thread) migration.set(null);
    if (slice.value !== null && slice.value.detail.thread !== thread) slice.set(null);
    this.#model.thread.set(thread);
    await this.#timeline().revealThread(thread);
  }

  /** Selects what a lane did at a time and moves there. */
  async jump(lane: LaneId, atNs: number): Promise<void> {
    const detail = await this.#ask(lane, atNs);
    if (detail === undefined) return;
    if (detail === null) {
      this.#model.note('Nothing is known about that moment.');
      this.#timeline().goTo(centredOn(this.#model.view.value, { startNs: atNs, endNs: atNs }));
      return;
    }
    this.#select(lane, detail);
    this.#showDetails();
    this.#moveTo(detail, Math.max(atNs, detail.startNs));
    if (lane.kind === 'thread') await this.#timeline().revealThread(lane.thread);
  }

  /**
   * Shows a wait of a thread: selects the slice that ended it, whose details tell the cause, and zooms so far that
   * the wait can be seen.
   */
  async jumpToWait(thread: number, wait: TimeRange): Promise<void> {
    const lane: LaneId = { kind: 'thread', thread };
    const ran = await this.#ask(lane, wait.endNs);
    if (ran === undefined) return;
    const detail = ran ?? (await this.#ask(lane, wait.startNs));
    if (detail === undefined) return;
    if (detail !== null) this.#select(lane, detail);
    this.#showDetails();
    const timeline = this.#timeline();
    const view = timeline.target;
    const visiblePx = (span(wait) / span(view)) * timeline.width;
    const tooSmall = visiblePx < leastWaitPx;
    const width = tooSmall ? (span(wait) * timeline.width) / goodWaitPx : span(view);
    const middle = (wait.startNs + wait.endNs) / 2;
    timeline.goTo(centredOn({ startNs: middle - width / 2, endNs: middle + width / 2 }, wait));
    await timeline.revealThread(thread);
  }

  /** Goes to the next or previous slice of the selected thread. */
  async step(direction: 1 | -1): Promise<void> {
    const thread = this.#model.thread.value;
    if (thread === null) {
      this.#model.note('Select a thread first: click a slice, or press / and find a task.');
      return;
    }
    const version = ++this.#version;
    const current = this.#model.slice.value?.detail;
    const view = this.#timeline().target;
    const fromNs = current?.thread === thread ? current.startNs : Math.floor(view.startNs + span(view) / 2);
    const detail = await this.#client.ask('step', { thread, fromNs, direction });
    if (version !== this.#version || detail === undefined) return;
    if (detail === null) {
      this.#model.note(
        direction === 1 ? 'This is the last slice of the thread.' : 'This is the first slice of the thread.',
      );
      return;
    }
    this.#select({ kind: 'thread', thread }, detail);
    this.#moveTo(detail);
  }

  /** Fits the selected range; once that is done, or without one, the whole recording. */
  fit(): void {
    const { selection, bounds } = this.#model;
    const { target } = this.#timeline();
    const wanted = selection.value === null ? fitted(bounds) : around(selection.value);
    const isThere =
      Math.abs(wanted.startNs - target.startNs) < span(wanted) * 0.01 &&
      Math.abs(span(wanted) - span(target)) < span(wanted) * 0.02;
    this.#timeline().goTo(isThere ? fitted(bounds) : wanted);
  }

  /** Makes a range of the selected slice's time, or else of what is on screen. */
  markRange(): void {
    const detail = this.#model.slice.value?.detail;
    const { view, bounds } = this.#model;
    const startNs = detail?.startNs ?? Math.max(bounds.startNs, Math.round(view.value.startNs));
    const endNs =
      detail === undefined
        ? Math.min(bounds.endNs, Math.round(view.value.endNs))
        : (detail.endNs ?? bounds.endNs);
    if (endNs > startNs) this.#model.selection.set({ startNs, endNs });
  }

  /** Clears the slice and the thread; when there are none, the range. */
  clear(): void {
    const { slice, thread, selection, migration } = this.#model;
    this.#version++;
    if (slice.value === null && thread.value === null && migration.value === null) {
      selection.set(null);
      return;
    }
    slice.set(null);
    thread.set(null);
    migration.set(null);
    this.#model.announce('Selection cleared.');
  }

  /** The slice of a lane at a time; undefined when the answer is of no use any more. */
  async #ask(lane: LaneId, atNs: number): Promise<SliceDetail | null | undefined> {
    const version = ++this.#version;
    const detail = await this.#client.ask('sliceAt', { lane, atNs: Math.floor(atNs) });
    return version === this.#version ? detail : undefined;
  }

  #select(lane: LaneId, detail: SliceDetail): void {
    this.#model.thread.set(detail.thread);
    this.#model.slice.set({ lane, detail });
    const { comm, pid, state, cpu, startNs, endNs } = detail;
    this.#model.announce(announcement(comm, pid, state, cpu, startNs, endNs));
  }

  /**
   * Moves the view when the slice, and the wakeup before it, are not in sight; of a slice longer than the view, `atNs`
   * is what must be seen.
   */
  #moveTo(detail: SliceDetail, atNs = detail.startNs): void {
    const startNs = Math.min(detail.startNs, detail.wakeup?.atNs ?? detail.startNs);
    const endNs = detail.endNs ?? detail.startNs;
    const view = this.#timeline().target;
    const isLong = endNs - startNs > span(view);
    const shown = isLong ? { startNs: atNs, endNs: atNs } : { startNs, endNs };
    const room = span(view) * 0.02;
    if (shown.startNs >= view.startNs + room && shown.endNs <= view.endNs - room) return;
    this.#timeline().goTo(centredOn(view, shown));
  }
}
