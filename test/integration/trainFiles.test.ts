import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EventFile } from '../../src/learning/files/eventFile.js';
import { writeSafetensors } from '../../src/learning/files/safetensors.js';
import { run } from './cliProcess.js';
import { pythonWith, type PythonEnvironment } from './pythonEnvironment.js';

let environment: PythonEnvironment;
let folder: string;

beforeAll(async () => {
  // TensorBoard 2 asks for pkg_resources, which setuptools 81 dropped.
  environment = await pythonWith('tensorboard', ['tensorboard', 'safetensors', 'numpy', 'setuptools<81']);
  folder = mkdtempSync(join(tmpdir(), 'kernel-oracle-tensorboard-'));
}, 300_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const READ_EVENTS = `
import json, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
events = EventAccumulator(sys.argv[1], size_guidance={'histograms': 0, 'scalars': 0})
events.Reload()
graph = events.Graph()
histogram = events.Histograms('weights/a')[0].histogram_value
print(json.dumps({
  'scalars': {tag: [[each.step, round(each.value, 6)] for each in events.Scalars(tag)] for tag in events.Tags()['scalars']},
  'histogram': {'min': histogram.min, 'max': histogram.max, 'num': histogram.num, 'sum': histogram.sum,
    'counts': sum(histogram.bucket), 'limit': histogram.bucket_limit[-1]},
  'graph': [[node.name, node.op, list(node.input)] for node in graph.node],
  'shape': [dim.size for dim in graph.node[1].attr['_output_shapes'].list.shape[0].dim],
}))
`;

test('TensorBoard reads the event files of a run that was interrupted', async (context) => {
  if ('missing' in environment) {
    context.skip(`TensorBoard cannot be installed here: ${environment.missing}`);
    return;
  }
  let nowMs = 1_700_000_000_000;
  const first = new EventFile({ folder, nowMs: () => nowMs, suffix: '1', restartStep: null });
  first.graph([
    { name: 'events/task', operation: 'Placeholder', inputs: [] },
    { name: 'head', operation: 'Dense', inputs: ['events/task'], shape: [7] },
  ]);
  const values = Float32Array.of(-1, 0, 0.5, 2, NaN);
  for (const step of [1, 2, 3]) {
    nowMs += 1000;
    first.summaries(step, [
      { tag: 'loss/train', scalar: 1 / step },
      { tag: 'weights/a', values },
    ]);
  }
  first.dispose();
  nowMs += 5000;
  // Steps 2 and 3 were lost: the run goes on behind step 1.
  const second = new EventFile({ folder, nowMs: () => nowMs, suffix: '2', restartStep: 2 });
  second.summaries(2, [{ tag: 'loss/train', scalar: 0.25 }]);
  second.dispose();
  writeFileSync(join(folder, 'read.py'), READ_EVENTS);
  const { status, stdout, stderr } = await run(environment.python, [join(folder, 'read.py'), folder]);
  expect(status, stderr).toBe(0);
  expect(JSON.parse(stdout)).toEqual({
    scalars: {
      'loss/train': [
        [1, 1],
        [2, 0.25],
      ],
    },
    histogram: { min: -1, max: 2, num: 4, sum: 1.5, counts: 4, limit: 2 },
    graph: [
      ['events/task', 'Placeholder', []],
      ['head', 'Dense', ['events/task']],
    ],
    shape: [-1, 7],
  });
});

test('the safetensors of its authors read ours', async (context) => {
  if ('missing' in environment) {
    context.skip(`safetensors cannot be installed here: ${environment.missing}`);
    return;
  }
  const path = join(folder, 'x.safetensors');
  await writeSafetensors(
    path,
    new Map([
      ['b', { shape: [2, 2], values: Float32Array.of(1, 2, 3, 4) }],
      ['a', { shape: [1, 1], values: Float64Array.of(0.1) }],
    ]),
    { model: 'tcn' },
  );
  const program = `
import json, sys
from safetensors import safe_open
with safe_open(sys.argv[1], 'np') as file:
  print(json.dumps([file.metadata(), {name: [str(file.get_tensor(name).dtype), file.get_tensor(name).tolist()] for name in sorted(file.keys())}]))
`;
  const { status, stdout, stderr } = await run(environment.python, ['-c', program, path]);
  expect(status, stderr).toBe(0);
  expect(JSON.parse(stdout)).toEqual([
    { model: 'tcn' },
    {
      a: ['float64', [[0.1]]],
      b: [
        'float32',
        [
          [1, 2],
          [3, 4],
        ],
      ],
    },
  ]);
});
