import type { StoredPart } from '../../src/dataset/dataSet.js';
import { NOT_TOLD, type Sequences } from '../../src/dataset/sequences.js';
import type { TrainedModel } from '../../src/learning/export/trainedModel.js';
import type { Model, ModelOutputs } from '../../src/learning/models/model.js';
import type { StreamEvent, StreamingPredictor } from '../../src/learning/streaming/streamingPredictor.js';

/** A predictor whose answer is a function of the events so far. */
export function predictorOf(
  outputs: ModelOutputs,
  width: number,
  answer: (events: readonly StreamEvent[]) => ArrayLike<number>,
  nextFeatures: ((events: readonly StreamEvent[]) => ArrayLike<number>) | null = null,
): StreamingPredictor & { readonly events: readonly StreamEvent[] } {
  const snapshots: StreamEvent[][] = [];
  let events: StreamEvent[] = [];
  return {
    outputs,
    width,
    get events() {
      return events;
    },
    get nextFeatures() {
      return nextFeatures === null ? null : Float32Array.from(nextFeatures(events));
    },
    next(event) {
      this.observe(event);
      return Float32Array.from(answer(events));
    },
    observe: (event) => {
      events = [...events, { ...event, features: Float32Array.from(event.features) }];
    },
    reset: () => {
      events = [];
    },
    snapshot: () => Float32Array.of(snapshots.push(events) - 1),
    restore: ([at]) => {
      events = snapshots[at!]!;
    },
    dispose: () => undefined,
  };
}

/** A predictor that asks the model about the whole window of all events each time. */
export function wholeWindowPredictor(model: Model, { inputs }: TrainedModel): StreamingPredictor {
  const width = model.outputs.kind === 'logits' ? inputs.taskCount : model.outputs.kind === 'point' ? 1 : 5;
  return predictorOf(model.outputs, width, (events) =>
    model.predict({
      size: 1,
      length: events.length,
      task: Int32Array.from(events, ({ task }) => task),
      state: Int32Array.from(events, ({ state }) => state),
      features: Float32Array.from(events.flatMap(({ features }) => Array.from(features))),
      nextTask: new Int32Array(events.length),
      nextLogDelta: new Float32Array(events.length),
    }),
  );
}

/** Sequences as a part of a data set stores them. @param startNs of each sequence */
export function storedPart(sequences: Sequences, startNs: readonly bigint[]): StoredPart {
  const { rows } = sequences;
  return {
    ...sequences,
    pid: new Int32Array(rows).fill(-1),
    comm: new Uint32Array(rows),
    contested: new Uint8Array(rows).fill(NOT_TOLD),
    startNs: BigInt64Array.from(startNs),
  };
}

/** Sequences of given tasks and times, all on one CPU each: `null` where the CPUs are merged. */
export function sequencesOf(
  lists: readonly {
    readonly cpu?: number | null;
    readonly task: readonly number[];
    readonly deltaNs?: readonly number[];
  }[],
): Sequences {
  const rowsOf = <T>(of: (list: (typeof lists)[number]) => readonly T[]) => lists.flatMap(of);
  const starts: number[] = [];
  let rows = 0;
  for (const { task } of lists) {
    starts.push(rows);
    rows += task.length;
  }
  return {
    rows,
    task: Int32Array.from(rowsOf(({ task }) => task)),
    state: new Uint8Array(rows).fill(1),
    cpu: Uint16Array.from(rowsOf(({ task, cpu }) => task.map(() => cpu ?? 0))),
    deltaNs: Float64Array.from(
      rowsOf(({ task, deltaNs }) => task.map((_, at) => (at === 0 ? NaN : (deltaNs?.[at] ?? 1000)))),
    ),
    starts: Uint32Array.from(starts),
    origins: lists.map(({ cpu }) => ({ recording: 0, cpu: cpu === undefined ? null : cpu })),
  };
}
