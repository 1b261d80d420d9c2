/** LSTM layers of the native engine with the batch in parts: as graphs, and without. */
import { expect, it, test } from 'vitest';
import { loadBinding, type TensorFlowBinding } from '../../../src/learning/engines/native/binding.js';
import type { NativeInstallation } from '../../../src/learning/engines/native/installation.js';
import { lstmBackward, lstmForward } from '../../../src/learning/engines/native/recurrent.js';
import { TensorFlow } from '../../../src/learning/engines/native/tensorFlow.js';
import { nativeForTests } from '../../support/nativeEngine.js';
import { randomNumbers } from '../../support/randomNumbers.js';
import { difference, numbers } from '../../unit/learning/engines/engineCases.js';

const [EVENTS, BATCH, INPUTS, UNITS] = [9, 131, 7, 40];
const MOST_BYTES = 1e9;

const native = await nativeForTests();

if ('missing' in native) {
  test('LSTM layers in parts', (context) =>
    context.skip(`There is no native engine here: ${native.missing}`));
} else lstmTests(native);

/** Hidden states, last cells, dW, dB, dX. */
function results(binding: TensorFlowBinding, threads: number, maxBytes = MOST_BYTES) {
  const tf = new TensorFlow(binding, maxBytes, threads);
  const random = randomNumbers(5);
  const table = (rows: number, columns: number) =>
    tf.keep(tf.floats([rows, columns], numbers(random, rows * columns)), rows, columns);
  try {
    return tf.operation(() => {
      const [x, dOutput] = [table(EVENTS * BATCH, INPUTS), table(EVENTS * BATCH, UNITS)];
      const [w, b] = [table(INPUTS + UNITS, 4 * UNITS), table(1, 4 * UNITS)];
      const { hidden, last, trace } = lstmForward(tf, x, w, b, BATCH, undefined);
      const { dX, dW, dB } = lstmBackward(tf, trace, w, dOutput, true);
      return [hidden, last.cell, dW, dB, dX!].map(({ id }) => tf.read(id));
    });
  } finally {
    tf.dispose();
  }
}

function lstmTests({ addonPath }: NativeInstallation): void {
  const { binding } = loadBinding(addonPath, 0);

  it.each([2, 3, 16])('%i threads have the values of one', (threads) => {
    const expected = results(binding, 1);
    results(binding, threads).forEach((found, index) => {
      expect(difference(found, expected[index]!), `result ${index}`).toBeLessThan(1e-5);
    });
  });

  it('the bits are the same each time', () => {
    const first = results(binding, 2);
    for (let time = 0; time < 5; time += 1) expect(results(binding, 2)).toEqual(first);
  });

  it('a TensorFlow that cannot load graphs computes the same', () => {
    const asked: string[] = [];
    const without = withFunctions(binding, {
      loadSavedModel: (folder) => {
        asked.push(folder);
        throw new Error('Failed to load SavedModel');
      },
    });
    const expected = results(binding, 2);
    results(without, 2).forEach((found, index) => {
      expect(difference(found, expected[index]!), `result ${index}`).toBeLessThan(1e-5);
    });
    expect(asked).toHaveLength(2);
  });

  it('a graph is loaded once, and let go with the engine or when many others came', () => {
    const open = new Set<number>();
    let loads = 0;
    const counted = withFunctions(binding, {
      loadSavedModel: (folder, tag) => {
        const session = binding.loadSavedModel(folder, tag);
        open.add(session);
        loads += 1;
        return session;
      },
      deleteSavedModel: (session) => {
        open.delete(session);
        binding.deleteSavedModel(session);
      },
    });
    const tf = new TensorFlow(counted, MOST_BYTES, 2);
    const layer = (events: number) =>
      tf.within(() =>
        tf.operation(() => {
          const zeros = (rows: number, columns: number) => tf.keep(tf.zeros(rows, columns), rows, columns);
          const w = zeros(INPUTS + UNITS, 4 * UNITS);
          const x = zeros(events * BATCH, INPUTS);
          const { hidden, trace } = lstmForward(tf, x, w, zeros(1, 4 * UNITS), BATCH, undefined);
          lstmBackward(tf, trace, w, hidden, false);
        }),
      );
    layer(2);
    layer(2);
    expect([loads, open.size]).toEqual([2, 2]);
    for (let events = 1; events <= 20; events += 1) layer(events);
    expect([loads, open.size]).toEqual([21, 16]);
    tf.dispose();
    expect(open.size).toBe(0);
  });

  it('what a graph needs meanwhile counts as memory before it runs', () => {
    let runs = 0;
    const counted = withFunctions(binding, {
      runSavedModel: (...run) => {
        runs += 1;
        return binding.runSavedModel(...run);
      },
    });
    // The layer's tensors and the way there take 2 MB, the way back 2.4 MB more.
    expect(() => results(counted, 2, 3e6)).toThrow(/no room for more/);
    expect(runs).toBe(1);
  });
}

/** An addon with some functions of its own; those of the other one can only be inherited. */
function withFunctions(binding: TensorFlowBinding, own: Partial<TensorFlowBinding>): TensorFlowBinding {
  const properties = Object.entries(own).map(([name, value]) => [name, { value }] as const);
  return Object.create(binding, Object.fromEntries(properties)) as TensorFlowBinding;
}
