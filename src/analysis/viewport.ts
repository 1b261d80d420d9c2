import type { LaneId, LaneSegments, TimeRange } from '../protocol/traceMessages.js';
import type { LaneTimeline } from './laneTimeline.js';
import type { SchedulingModel } from './schedulingModel.js';
import { SegmentBuffer } from './segmentBuffer.js';

/** No screen is wider; a request beyond is a mistake and would cost memory for nothing. */
const MAX_WIDTH_PX = 65536;

/**
 * The segments that a viewport needs. Segments of at least a pixel come as they are (clipped to the range); what
 * lies between them comes as one summary a pixel. The cost depends on the width, not on how much lies below:
 * at most `2 · widthPx + 2` segments a lane, each from a search and a walk through the lane's pyramid.
 */
export function viewportLanes(
  model: SchedulingModel,
  range: TimeRange,
  widthPx: number,
  lanes: readonly LaneId[],
): LaneSegments[] {
  const width = Math.min(MAX_WIDTH_PX, Math.max(1, Math.floor(widthPx)));
  const out = new SegmentBuffer(2 * width + 4);
  return lanes.map((lane) => {
    const timeline = timelineOf(model, lane);
    if (timeline !== undefined && model.length > 0) fillLane(timeline, model, range, width, out);
    return out.take(lane);
  });
}

function timelineOf(model: SchedulingModel, lane: LaneId): LaneTimeline | undefined {
  switch (lane.kind) {
    case 'cpu':
      return model.cpus[lane.cpu]?.timeline;
    case 'depth':
      return model.cpus[lane.cpu]?.depth;
    case 'thread':
      return model.threads[lane.thread];
  }
}

function fillLane(
  timeline: LaneTimeline,
  model: SchedulingModel,
  range: TimeRange,
  widthPx: number,
  out: SegmentBuffer,
): void {
  const pixelNs = (range.endNs - range.startNs) / widthPx;
  const endNs = Math.min(range.endNs, model.endNs);
  let fromNs = Math.max(range.startNs, model.startNs);
  if (!(pixelNs > 0) || !(endNs > fromNs)) return;
  const { picture } = timeline;
  timeline.prepare(picture);
  const { segmentCount } = timeline;
  const sum = new Float64Array(timeline.width);
  let segment = timeline.segmentAt(fromNs);
  // Neighbouring pixels hold about as many segments: where to look for the end of the next one.
  let step = 1;
  while (fromNs < endNs && segment < segmentCount) {
    const segmentEnd = timeline.endOf(segment);
    if (segmentEnd <= fromNs) {
      segment += 1;
    } else if (segmentEnd - timeline.startOf(segment) >= pixelNs) {
      timeline.pushExact(out, segment, fromNs, Math.min(segmentEnd, endNs));
      fromNs = segmentEnd;
      segment += 1;
    } else {
      const pixelEnd = Math.min(endNs, endOfPixel(range.startNs, pixelNs, fromNs));
      const last = timeline.segmentAt(pixelEnd, segment, step);
      const toNs = endOfSummary(timeline, segment, last, pixelEnd, pixelNs);
      timeline.addRange(picture, sum.fill(0), segment, last, fromNs, toNs);
      timeline.pushSummary(out, sum, fromNs, toNs);
      fromNs = toNs;
      step = last - segment;
      segment = last;
    }
  }
}

/** End of the pixel that holds a time; the next one's when rounding leaves nothing of it. */
function endOfPixel(originNs: number, pixelNs: number, ns: number): number {
  const pixel = Math.floor((ns - originNs) / pixelNs);
  const end = originNs + (pixel + 1) * pixelNs;
  return end > ns ? end : originNs + (pixel + 2) * pixelNs;
}

/** A wide segment that begins inside the pixel is drawn for itself: the summary ends where it begins. */
function endOfSummary(
  timeline: LaneTimeline,
  first: number,
  last: number,
  pixelEnd: number,
  pixelNs: number,
): number {
  if (last === first) return pixelEnd;
  const lastStart = timeline.startOf(last);
  return timeline.endOf(last) - lastStart >= pixelNs ? lastStart : pixelEnd;
}
