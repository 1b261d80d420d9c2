import type { NextTaskEvents } from '../../../learning/evaluation/evaluatedEvents.js';
import { weightsOf } from '../../../learning/evaluation/taskScores.js';
import type { SliceName } from '../../../protocol/evaluation.js';

/** Places of the events that belong to a slice, ascending. */
export function eventsOfSlice(
  events: Pick<NextTaskEvents, 'target' | 'contested'>,
  slice: SliceName,
): Uint32Array {
  const weights = weightsOf(slice, events);
  const places = new Uint32Array(weights.length);
  let found = 0;
  for (let event = 0; event < weights.length; event += 1) if (weights[event] === 1) places[found++] = event;
  return places.slice(0, found);
}
