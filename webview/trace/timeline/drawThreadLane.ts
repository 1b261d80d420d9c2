import { ThreadState, type LaneSegments } from '../../../src/protocol/traceMessages.js';
import { stateOf } from '../model/stateNames.js';
import type { Canvas } from './drawing.js';
import type { Box } from './pixelSurface.js';
import type { TaskInk } from './palette.js';
import { firstEndingAfter } from './segments.js';

/**
 * The states of a thread, told apart by shape as well as by colour: running is solid, waiting for a CPU is hatched
 * (one way after a wakeup, the other way after a preemption), sleeping is a thin line, uninterruptible sleep a band.
 * Where a pixel summarises several intervals, the state that took most time is drawn, and over it a solid bar as
 * high as the share of time spent running.
 */
export function drawThreadLane(canvas: Canvas, lane: LaneSegments, box: Box, ink: TaskInk): void {
  const { surface, view, scale, palette, ratio } = canvas;
  const { startNs, endNs, state, fill, count } = lane;
  const outlined = palette.theme.highContrast;
  let drawnTo = -1;
  for (let i = firstEndingAfter(lane, view.startNs); i < startNs.length && startNs[i]! < view.endNs; i++) {
    const left = Math.max(0, Math.round((startNs[i]! - view.startNs) * scale));
    const right = Math.min(surface.width, Math.max(left + 1, Math.round((endNs[i]! - view.startNs) * scale)));
    const running = state[i] === ThreadState.Running;
    if (right <= drawnTo && !running) continue;
    drawnTo = right;
    const width = right - left;
    if (count[i]! > 1) {
      if (running) surface.fillRect(left, box.y, width, box.height, ink.ghost);
      else drawState(canvas, state[i]!, left, width, box);
      const share = fill[i]!;
      if (share > 0) {
        const solid = Math.max(ratio, Math.round(share * box.height));
        surface.fillRect(left, box.y + box.height - solid, width, solid, ink.fill);
      }
    } else if (running) {
      surface.fillRect(left, box.y, width, box.height, ink.fill);
      if (outlined && width >= 4 * ratio)
        surface.outlineRect(left, box.y, width, box.height, 1, palette.outline);
    } else {
      drawState(canvas, state[i]!, left, width, box);
    }
  }
}

/** One interval of a state other than Running. */
export function drawState(canvas: Canvas, state: number, left: number, width: number, box: Box): void {
  const { surface, palette, ratio } = canvas;
  const middle = box.y + (box.height >> 1);
  switch (stateOf(state)) {
    case ThreadState.Runnable: {
      const { ground, stripe } = palette.runnable;
      surface.hatchRect(
        left,
        box.y + ratio,
        width,
        box.height - 2 * ratio,
        ground,
        stripe,
        5 * ratio,
        2 * ratio,
        1,
      );
      return;
    }
    case ThreadState.Preempted: {
      const { ground, stripe } = palette.preempted;
      surface.hatchRect(
        left,
        box.y + ratio,
        width,
        box.height - 2 * ratio,
        ground,
        stripe,
        5 * ratio,
        2 * ratio,
        -1,
      );
      return;
    }
    case ThreadState.Sleeping:
      surface.fillRect(left, middle, width, ratio, palette.sleeping);
      return;
    case ThreadState.Uninterruptible: {
      const height = Math.max(3 * ratio, Math.round(box.height * 0.34));
      surface.fillRect(left, middle - (height >> 1), width, height, palette.uninterruptible);
      return;
    }
    case ThreadState.Other:
      surface.dashLine(left, middle, width, ratio, palette.other, 6 * ratio, 2 * ratio);
      return;
    case ThreadState.Unknown:
    case ThreadState.Running: {
      const { ground, stripe } = palette.unknown;
      surface.hatchRect(
        left,
        box.y + ratio,
        width,
        box.height - 2 * ratio,
        ground,
        stripe,
        6 * ratio,
        ratio,
        1,
      );
      return;
    }
  }
}
