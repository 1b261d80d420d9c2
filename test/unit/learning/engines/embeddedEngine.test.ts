import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EmbeddedEngine } from '../../../../src/learning/engines/embedded/embeddedEngine.js';
import { embeddedEngineNodeOptions } from '../../../../src/learning/engines/embedded/nodeOptions.js';
import { ReferenceEngine } from '../../../support/referenceEngine.js';
import { runBundled } from './bundled.js';
import { difference, ENGINE_CASES } from './engineCases.js';

const reference = new ReferenceEngine();
let one: EmbeddedEngine;
let three: EmbeddedEngine;

beforeAll(async () => {
  one = await EmbeddedEngine.create({ threads: 1 });
  // More than there may be processors: they take turns.
  three = await EmbeddedEngine.create({ threads: 3 });
});

afterAll(() => {
  one.dispose();
  three.dispose();
});

describe.each(ENGINE_CASES)('$name', ({ run }) => {
  it('has the values of the reference', () => {
    const expected = run(reference);
    run(one).forEach((found, index) => {
      expect(difference(found, expected[index]!), `result ${index}`).toBeLessThan(1e-5);
    });
  });

  it('gives the same bits on one thread and on three, and again', () => {
    const bits = (engine: EmbeddedEngine) =>
      run(engine).map((values) => Buffer.from(values.buffer).toString('base64'));
    const first = bits(one);
    for (let again = 0; again < 3; again += 1) expect(bits(three)).toEqual(first);
  });
});

it('has the values of the reference, and the same bits on all threads, with fused multiply-add', () => {
  const { status, stdout, stderr } = runBundled(
    `
      import { EmbeddedEngine } from './src/learning/engines/embedded/embeddedEngine.js';
      import { embeddedEngineNodeOptions } from '../../../../src/learning/engines/embedded/nodeOptions.js';
import { ReferenceEngine } from './test/support/referenceEngine.js';
      import { difference, ENGINE_CASES } from './test/unit/learning/engines/engineCases.js';
      const [one, three] = [await EmbeddedEngine.create({ threads: 1 }), await EmbeddedEngine.create({ threads: 3 })];
      const reference = new ReferenceEngine();
      console.log(one.description);
      for (const { name, run } of ENGINE_CASES) {
        const expected = run(reference);
        const found = run(one);
        found.forEach((values, index) => {
          const apart = difference(values, expected[index]);
          if (!(apart < 1e-5)) console.log(name, index, apart);
        });
        const bits = (all) => all.map((values) => Buffer.from(values.buffer).toString('base64')).join();
        if (bits(run(three)) !== bits(found)) console.log(name, 'other bits');
      }
    `,
    embeddedEngineNodeOptions(process.versions.node),
  );
  expect({ status, stdout }, stderr).toEqual({
    status: 0,
    stdout: 'embedded (WebAssembly SIMD with fused multiply-add), 1 thread\n',
  });
});
