/** What every engine promises of memory and shapes. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isFailure } from '../../../../src/base/errors.js';
import type { Engine, Tensor } from '../../../../src/learning/engines/engine.js';

const MEGABYTE = 2 ** 20;

const megabyteOf = (value: number) => new Float32Array(MEGABYTE / 4).fill(value);

/** @param create an engine that may have this much memory */
export function memoryTests(create: (maxMemoryBytes: number) => Engine | Promise<Engine>): void {
  let engine: Engine;

  beforeEach(async () => {
    engine = await create(64 * MEGABYTE);
  });

  afterEach(() => engine.dispose());

  describe('scopes', () => {
    it('free what was made within, so that work can go on for ever', () => {
      const w = engine.variable(512, 512, megabyteOf(2));
      const before = engine.memoryBytes;
      for (let step = 0; step < 100; step += 1) {
        engine.scope(() => {
          let x: Tensor = w;
          for (let layer = 0; layer < 20; layer += 1) x = engine.scale(x, 0.5);
          expect(engine.memoryBytes).toBe(before + 20 * MEGABYTE);
        });
        expect(engine.memoryBytes).toBe(before);
      }
      expect(engine.read(w)).toEqual(megabyteOf(2));
    });

    it('nest: what is of the outer one outlives the inner', () => {
      engine.scope(() => {
        const outer = engine.tensor(512, 512, megabyteOf(3));
        for (let step = 0; step < 40; step += 1)
          engine.scope(() => engine.add(engine.scale(outer, 5), engine.tensor(512, 512, megabyteOf(7))));
        expect(engine.read(outer)).toEqual(megabyteOf(3));
      });
    });

    it('free when work within throws, too', () => {
      const before = engine.memoryBytes;
      const failing = () =>
        engine.scope(() => {
          engine.tensor(512, 512, megabyteOf(3));
          throw new Error('on purpose');
        });
      expect(failing).toThrow('on purpose');
      expect(engine.memoryBytes).toBe(before);
    });

    it('a tensor used after its scope is a defect, a dropped variable as well', () => {
      const left = engine.scope(() => ({ tensor: engine.tensor(1, 1, Float32Array.of(1)) }));
      expect(() => engine.read(left.tensor)).toThrow(RangeError);
      const variable = engine.variable(2, 2);
      engine.drop(variable);
      expect(() => engine.scale(variable, 2)).toThrow(RangeError);
      expect(() => engine.drop(variable)).toThrow(RangeError);
    });
  });

  describe('memory', () => {
    it('of dropped variables is used again', () => {
      for (let round = 0; round < 50; round += 1) {
        const variables = Array.from({ length: 20 }, (_, index) =>
          engine.variable(512, 512, megabyteOf(index)),
        );
        variables.forEach((variable, index) => expect(engine.read(variable)[MEGABYTE / 4 - 1]).toBe(index));
        for (const variable of variables) engine.drop(variable);
      }
      expect(engine.memoryBytes).toBe(0);
    });

    it('that runs out is a failure that says what to make smaller; smaller work goes on', () => {
      const tooMuch = () =>
        engine.scope(() => Array.from({ length: 70 }, () => engine.tensor(512, 512, megabyteOf(1))));
      let failure: unknown;
      try {
        tooMuch();
      } catch (error) {
        failure = error;
      }
      expect(isFailure(failure, 'too-large')).toBe(true);
      expect(String(failure)).toMatch(/batch.*window.*units/);
      expect(engine.memoryBytes).toBe(0);
      expect(
        engine.scope(() => engine.read(engine.scale(engine.tensor(1, 1, Float32Array.of(3)), 2)))[0],
      ).toBe(6);
    });
  });

  describe('wrong shapes are defects', () => {
    const zeros = (rows: number, columns: number) =>
      engine.tensor(rows, columns, new Float32Array(rows * columns));
    const shape = { batch: 2, taps: 3, dilation: 1 };
    const cases: [string, () => unknown][] = [
      ['tensor', () => engine.tensor(2, 2, new Float32Array(3))],
      ['variable', () => engine.variable(0, 2)],
      ['write', () => engine.write(engine.variable(2, 2), new Float32Array(3))],
      ['rows', () => engine.rows(zeros(3, 1), 2, 2)],
      ['rowsGradient', () => engine.rowsGradient(3, 2, zeros(2, 1))],
      ['concat', () => engine.concat([zeros(2, 1), zeros(3, 1)])],
      ['split', () => engine.split(zeros(2, 3), [1, 1])],
      ['add', () => engine.add(zeros(2, 3), zeros(3, 2))],
      ['dense', () => engine.dense(zeros(2, 3), zeros(2, 3), null)],
      ['dense', () => engine.dense(zeros(2, 3), zeros(3, 4), zeros(1, 3))],
      ['denseGradient', () => engine.denseGradient(zeros(2, 3), zeros(3, 4), zeros(2, 3), true)],
      ['embedding', () => engine.embedding(zeros(4, 2), Int32Array.of(4))],
      ['embedding', () => engine.embedding(zeros(4, 2), Int32Array.of(-1))],
      ['dropout', () => engine.dropout(zeros(4, 2), 1, 1)],
      ['causalConvolution', () => engine.causalConvolution(zeros(5, 1), zeros(3, 1), zeros(1, 1), shape)],
      ['causalConvolution', () => engine.causalConvolution(zeros(6, 1), zeros(4, 1), zeros(1, 1), shape)],
      ['lstm', () => engine.lstm(zeros(6, 1), zeros(3, 8), zeros(1, 8), 4)],
      ['lstm', () => engine.lstm(zeros(6, 1), zeros(4, 8), zeros(1, 8), 2)],
      ['softmaxCrossEntropy', () => engine.softmaxCrossEntropy(zeros(2, 3), Int32Array.of(0, 3), null, 0)],
      ['squaredError', () => engine.squaredError(zeros(2, 3), new Float32Array(2), null)],
      ['quantileLoss', () => engine.quantileLoss(zeros(2, 3), new Float32Array(2), null, [0.5])],
    ];
    it.each(cases)('%s', (name, work) => {
      expect(work).toThrow(RangeError);
      expect(work).toThrow(name);
    });
  });
}
