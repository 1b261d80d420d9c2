import type { TimeRange } from '../../../src/protocol/traceMessages.js';
import { between, span } from './viewport.js';

/** Time in which a movement covers about two thirds of what is left, ms. */
const easeMs = 45;

/** Moves a view towards a target frame by frame; new targets may be set on the way. */
export class ViewAnimator {
  #target: TimeRange | null = null;
  #lastMs = 0;

  /** Where the view will come to rest. */
  get target(): TimeRange | null {
    return this.#target;
  }

  start(target: TimeRange, nowMs: number): void {
    if (this.#target === null) this.#lastMs = nowMs;
    this.#target = target;
  }

  stop(): void {
    this.#target = null;
  }

  /** The view of this frame; null when nothing moves. */
  step(view: TimeRange, nowMs: number): TimeRange | null {
    const target = this.#target;
    if (target === null) return null;
    const elapsed = Math.max(1, nowMs - this.#lastMs);
    this.#lastMs = nowMs;
    const next = between(view, target, 1 - Math.exp(-elapsed / easeMs));
    const off = Math.max(Math.abs(next.startNs - target.startNs), Math.abs(next.endNs - target.endNs));
    // A quarter of a thousandth of the width is less than a pixel.
    if (off > span(target) * 0.00025) return next;
    this.#target = null;
    return target;
  }
}
