import type {
  LaneId,
  LaneSegments,
  Loss,
  ThreadName,
  TimeRange,
} from '../../../src/protocol/traceMessages.js';
import { toCss } from '../../common/colour.js';
import { taskColour } from '../../common/taskColour.js';
import type { Theme } from '../../common/theme.js';
import type { MarkHit } from '../migrations/markHit.js';
import { describeLoss, describeSegment, type Description } from './describe.js';
import { boxOfRow, type VisibleLane } from './laneRenderer.js';
import { lossAt, segmentAt } from './segments.js';
import type { TimelineDom } from './timelineDom.js';
import type { Tooltip } from './tooltip.js';
import { span, timeOfX, xOfTime } from './viewport.js';

/** What lies under a point of the lanes. */
export interface Hit {
  readonly visible: VisibleLane;
  readonly lane: LaneId;
  readonly timeNs: number;
  /** The segment there, with the lane that holds it. */
  readonly segment: { readonly lane: LaneSegments; readonly index: number } | null;
  readonly loss: Loss | null;
  /** The mark of a migration: it stands above all else. */
  readonly mark: MarkHit | null;
}

/** How far beside a narrow slice the pointer still means it, px. */
const tolerancePx = 2;

export interface HitInput {
  readonly x: number;
  readonly y: number;
  readonly view: TimeRange;
  readonly width: number;
  readonly scrollTop: number;
  readonly lanes: readonly VisibleLane[];
  readonly losses: readonly Loss[];
  readonly segmentsOf: (lane: LaneId) => LaneSegments | undefined;
  /** By lane and height in its row. */
  readonly markOf: (visible: VisibleLane, y: number) => MarkHit | null;
}

export function hitTest(input: HitInput): Hit | null {
  const y = input.y + input.scrollTop;
  const visible = input.lanes.find(({ row }) => y >= row.y && y < row.y + row.height);
  if (visible?.lane === undefined) return null;
  const { lane } = visible;
  const timeNs = timeOfX(input.x, input.view, input.width);
  const toleranceNs = (tolerancePx / input.width) * span(input.view);
  const loss = lane.kind === 'cpu' ? (lossAt(input.losses, lane.cpu, timeNs, toleranceNs) ?? null) : null;
  const segments = input.segmentsOf(lane);
  const index = segments === undefined ? -1 : segmentAt(segments, timeNs, toleranceNs);
  const segment = segments === undefined || index < 0 ? null : { lane: segments, index };
  return { visible, lane, timeNs, segment, loss, mark: input.markOf(visible, y - visible.row.y) };
}

export interface HoverInput {
  readonly hit: Hit | null;
  readonly view: TimeRange;
  readonly width: number;
  readonly scrollTop: number;
  readonly baseNs: bigint;
  readonly theme: Theme;
  readonly nameOf: (thread: number) => ThreadName | undefined;
  readonly describeMark: (mark: MarkHit) => Description;
}

/** Shows the line under the pointer, the outline of the slice there, and the tooltip. */
export function showHover(
  dom: TimelineDom,
  tooltip: Tooltip,
  event: PointerEvent,
  x: number,
  input: HoverInput,
): void {
  dom.crosshair.hidden = false;
  dom.crosshair.style.transform = `translateX(${Math.round(x)}px)`;
  const { hit } = input;
  if (hit?.mark != null) {
    dom.hover.hidden = true;
    tooltip.show(input.describeMark(hit.mark), null, event.clientX, event.clientY);
    return;
  }
  if (hit === null || (hit.segment === null && hit.loss === null)) {
    dom.hover.hidden = true;
    tooltip.hide();
    return;
  }
  if (hit.loss !== null) {
    outline(dom, input, hit, hit.loss.startNs, hit.loss.endNs);
    tooltip.show(describeLoss(hit.loss, input.baseNs), null, event.clientX, event.clientY);
    return;
  }
  const { lane, index } = hit.segment!;
  outline(dom, input, hit, lane.startNs[index]!, lane.endNs[index]!);
  const thread =
    lane.lane.kind === 'cpu' ? lane.value[index]! : lane.lane.kind === 'thread' ? lane.lane.thread : null;
  const comm = thread === null ? undefined : input.nameOf(thread)?.comm;
  const colour = comm === undefined ? null : toCss(taskColour(comm, input.theme.kind));
  tooltip.show(
    describeSegment(lane, index, input.baseNs, input.nameOf),
    colour,
    event.clientX,
    event.clientY,
  );
}

function outline(dom: TimelineDom, input: HoverInput, hit: Hit, startNs: number, endNs: number): void {
  const box = boxOfRow(hit.visible.row, input.scrollTop, 1);
  const left = Math.max(-4, xOfTime(startNs, input.view, input.width));
  const right = Math.min(input.width + 4, xOfTime(endNs, input.view, input.width));
  const { style } = dom.hover;
  dom.hover.hidden = false;
  style.transform = `translate(${left}px, ${box.y}px)`;
  style.width = `${Math.max(2, right - left)}px`;
  style.height = `${box.height}px`;
}

export function hideHover(dom: TimelineDom, tooltip: Tooltip): void {
  dom.crosshair.hidden = true;
  dom.hover.hidden = true;
  tooltip.hide();
}
