import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { build } from 'esbuild';
import { root } from '../../../scripts/lib/paths.mjs';
import { writeFileAtomically } from '../../../src/base/atomicFile.js';
import { EmbeddedEngine } from '../../../src/learning/engines/embedded/embeddedEngine.js';
import { onnxModel } from '../../../src/learning/export/onnxModel.js';
import { tfjsFiles } from '../../../src/learning/export/tfjsModel.js';
import {
  caseName,
  EXPORT_CASES,
  exportParts,
  greatestDifference,
  modelByChance,
  windowsFirst,
  ZEROING_CASE,
  type WindowInputs,
} from '../../support/exportedModels.js';
import { randomBatch } from '../../support/modelBatches.js';
import { buildCli, run, SAMPLES } from '../cliProcess.js';
import { pythonWith, type PythonEnvironment } from '../pythonEnvironment.js';

// What other programs compute from an exported model, beside what our engine computes from the same weights.

const TOLERANCE = 1e-4;
/** Windows and their events: sizes are free. */
const SIZES: readonly (readonly [number, number])[] = [
  [3, 9],
  [1, 2],
  [2, 1],
];

let folder: string;
let environment: PythonEnvironment;
const expected: Float32Array[][] = [];

interface Question {
  readonly name: string;
  readonly place: string;
  readonly hasStates: boolean;
  readonly batches: readonly WindowInputs[];
}

const questions: Question[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kernel-oracle-export-'));
  const engine = await EmbeddedEngine.create({ threads: 1 });
  try {
    for (const [at, each] of [...EXPORT_CASES, ZEROING_CASE].entries()) {
      const { model, trained, inputs } = modelByChance(engine, each);
      const batches = SIZES.map(([size, length], seed) => randomBatch(size, length, seed + 1, inputs));
      expected.push(batches.map((batch) => model.predict(batch)));
      const place = join(folder, String(at));
      mkdirSync(place);
      const onnx = exportParts(trained, 'int64');
      writeFileSync(join(place, 'model.onnx'), onnxModel(onnx.architecture, onnx.description));
      const tfjs = exportParts(trained, 'int32');
      if (each === ZEROING_CASE) expect(() => tfjsFiles(tfjs.architecture, tfjs.description)).toThrow();
      else
        for (const [name, chunks] of tfjsFiles(tfjs.architecture, tfjs.description))
          await writeFileAtomically(join(place, name), chunks);
      const hasStates = onnx.architecture.stateTable !== null;
      questions.push({ name: caseName(each), place, hasStates, batches: batches.map(windowsFirst) });
      model.dispose();
    }
  } finally {
    engine.dispose();
  }
  writeFileSync(join(folder, 'questions.json'), JSON.stringify(questions));
  environment = await pythonWith('onnxruntime', ['onnxruntime>=1.17', 'onnx>=1.16', 'numpy>=1.24,<3']);
}, 600_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function expectSame(answers: readonly (readonly (readonly number[])[])[], of = questions): void {
  expect(answers).toHaveLength(of.length);
  for (const [at, { name }] of of.entries()) {
    for (const [batch, values] of expected[at]!.entries()) {
      const difference = greatestDifference(answers[at]![batch]!, values);
      expect(difference, `${name}, batch ${batch}`).toBeLessThan(TOLERANCE);
    }
  }
}

const ONNX_RUNTIME = `
import json, os, sys
import numpy, onnx, onnxruntime
questions = json.load(open(sys.argv[1]))
answers, told = [], []
for question in questions:
    path = os.path.join(question['place'], 'model.onnx')
    onnx.checker.check_model(path, full_check=True)
    session = onnxruntime.InferenceSession(path, providers=['CPUExecutionProvider'])
    types = {'tensor(int64)': numpy.int64, 'tensor(float)': numpy.float32}
    outputs = []
    for batch in question['batches']:
        shape = (batch['size'], batch['length'])
        feeds = {}
        for value in session.get_inputs():
            whole = shape if value.name != 'features' else (*shape, value.shape[2])
            feeds[value.name] = numpy.array(batch[value.name], types[value.type]).reshape(whole)
        outputs.append(session.run(None, feeds)[0].flatten().tolist())
    answers.append(outputs)
    metadata = session.get_modelmeta().custom_metadata_map
    told.append({
        'inputs': [[value.name, value.type, value.shape] for value in session.get_inputs()],
        'outputs': [[value.name, value.shape] for value in session.get_outputs()],
        'tasks': json.loads(metadata['vocabulary'])['tasks'], 'features': json.loads(metadata['features']),
        'model': metadata['model'], 'opset': [each.version for each in onnx.load(path).opset_import],
    })
print(json.dumps({'answers': answers, 'told': told}))
`;

test('ONNX Runtime predicts the same from the exported file', async (context) => {
  if ('missing' in environment) {
    context.skip(`ONNX Runtime cannot be installed here: ${environment.missing}`);
    return;
  }
  const program = join(folder, 'predict.py');
  writeFileSync(program, ONNX_RUNTIME);
  const { status, stdout, stderr } = await run(environment.python, [program, join(folder, 'questions.json')]);
  expect(status, stderr).toBe(0);
  const { answers, told } = JSON.parse(stdout) as { answers: number[][][]; told: object[] };
  expectSame(answers);
  expect(told[0]).toEqual({
    inputs: [
      ['task', 'tensor(int64)', ['batch', 'events']],
      ['state', 'tensor(int64)', ['batch', 'events']],
      ['features', 'tensor(float)', ['batch', 'events', 2]],
    ],
    outputs: [['logits', ['batch', 7]]],
    tasks: ['UNK', 'swapper', 'a', 'b', 'c', 'naïve "task"', '</script>'],
    features: [
      { name: 'cpu', mean: 0.5, deviation: 0.5, range: { least: -1.5, greatest: 2.5 } },
      { name: 'logDelta', mean: 8, deviation: 1.5, range: { least: -0.5, greatest: -0.5 } },
    ],
    model: 'tcn',
    opset: [17],
  });
}, 600_000);

/** The plain packages, which get the files as a browser would: no class and no code of ours is known to them. */
const TFJS_LAYERS = `
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops';
import '@tensorflow/tfjs-backend-cpu';
import { loadLayersModel } from '@tensorflow/tfjs-layers';

const server = createServer((request, response) => response.end(readFileSync(request.url)));

async function main() {
  await tf.setBackend('cpu');
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  const answers = [];
  for (const { place, hasStates, batches } of JSON.parse(readFileSync(process.argv[2], 'utf8'))) {
    const model = await loadLayersModel('http://127.0.0.1:' + port + place + '/model.json');
    answers.push(
      batches.map(({ size, length, task, state, features }) => {
        const inputs = { task: tf.tensor2d(task, [size, length], 'int32') };
        if (hasStates) inputs.state = tf.tensor2d(state, [size, length], 'int32');
        const width = features.length / size / length;
        if (width > 0) inputs.features = tf.tensor3d(features, [size, length, width]);
        return Array.from(model.predict(model.inputNames.map((name) => inputs[name])).dataSync());
      }),
    );
  }
  process.stdout.write('answers: ' + JSON.stringify(answers), () => process.exit(0));
}
main().catch((error) => { console.error(error); process.exit(1); });
`;

test('TensorFlow.js predicts the same from the exported folder', async () => {
  const outfile = join(folder, 'predict.cjs');
  await build({
    stdin: { contents: TFJS_LAYERS, resolveDir: root, loader: 'js' },
    ...{ outfile, bundle: true, platform: 'node', format: 'cjs', target: 'node20', logLevel: 'warning' },
    // Its main is another copy of the core.
    mainFields: ['module', 'main'],
  });
  // All but the last, which it refuses.
  const asked = questions.slice(0, EXPORT_CASES.length);
  writeFileSync(join(folder, 'tfjs.json'), JSON.stringify(asked));
  const { status, stdout, stderr } = await run('node', [outfile, join(folder, 'tfjs.json')]);
  expect(status, stderr).toBe(0);
  expectSame(JSON.parse(stdout.split('answers: ')[1] ?? 'null') as number[][][], asked);
}, 120_000);

const ACCURACY = `
import json, sys
import numpy, onnxruntime
session = onnxruntime.InferenceSession(sys.argv[1], providers=['CPUExecutionProvider'])
metadata = session.get_modelmeta().custom_metadata_map
features = {each['name']: each for each in json.loads(metadata['features'])}
part = numpy.load(sys.argv[2])
def standard(name, values):
    return (values - features[name]['mean']) / (features[name]['deviation'] or 1)
cpu, seconds = part['cont'].astype(numpy.float64).transpose(2, 0, 1)
# The exported windows have 0 where there is no event before.
log_delta = numpy.where(seconds == 0, 0, standard('logDelta', numpy.log1p(seconds * 1e9)))
columns = numpy.stack([standard('cpu', cpu), log_delta], axis=2).astype(numpy.float32)
feeds = {'task': part['pid'], 'state': part['state'], 'features': columns}
feeds = {name: each if name == 'features' else each.astype(numpy.int64) for name, each in feeds.items()}
logits = session.run(['logits'], feeds)[0]
guesses = 1 + logits[:, 1:].argmax(axis=1)
print(json.dumps({'windows': len(guesses), 'right': int((guesses == part['y']).sum())}))
`;

test('with an exported data set, an exported model comes to the accuracy of its run', async (context) => {
  if ('missing' in environment) {
    context.skip(`ONNX Runtime cannot be installed here: ${environment.missing}`);
    return;
  }
  const at = (name: string) => join(folder, name);
  const cli = await buildCli(folder);
  const done = async (...args: string[]) => {
    const { status, stdout, stderr } = await run('node', [cli, ...args]);
    expect(status, stderr).toBe(0);
    return stdout;
  };
  const sample = join(SAMPLES, 'mixed-io-and-cpu.ftrace.gz');
  await done('dataset', 'build', sample, '--split', 'walk-forward', '-o', at('data'), '--quiet');
  const config = [
    'dataset: data',
    'model: { name: tcn, settings: { taskEmbedding: 8, projection: 16, blocks: 3 } }',
    'windows: { length: 16, stride: 16 }',
    'epochs: 3',
    'batchSize: 16',
    'engine: { name: embedded, threads: 1 }',
  ];
  writeFileSync(at('tcn.yaml'), config.join('\n'));
  const { metrics } = JSON.parse(
    await done('train', at('tcn.yaml'), '-o', at('run'), '--json', '--quiet'),
  ) as {
    metrics: Record<string, { model: { targets: number; accuracy: number } }>;
  };
  await done('runs', 'export', at('run'), '--to', 'onnx', '-o', at('judged.onnx'));
  const windows = ['--to', 'npz', '--window', '16', '--stride', '16', '-o', at('windows'), '--quiet'];
  await done('dataset', 'export', at('data'), ...windows);
  writeFileSync(at('accuracy.py'), ACCURACY);
  for (const part of ['validation', 'seen']) {
    const args = [at('accuracy.py'), at('judged.onnx'), join(at('windows'), `${part}.npz`)];
    const { status, stdout, stderr } = await run(environment.python, args);
    expect(status, stderr).toBe(0);
    const { targets, accuracy } = metrics[part]!.model;
    expect(JSON.parse(stdout)).toEqual({ windows: targets, right: Math.round(accuracy * targets) });
  }
}, 120_000);
