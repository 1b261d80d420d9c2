import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, type TestContext } from 'vitest';
import { readNeuralCfsRun, writeNeuralCfsRun } from '../../../src/learning/migrations/runs/runFolder.js';
import type { TrainedRun } from '../../../src/learning/migrations/runs/neuralCfsRun.js';
import { carriedModel } from '../../../src/libml/emit/carriedModel.js';
import { swapFile } from '../../../src/libml/emit/swapFile.js';
import { unpackFixed } from '../../../src/libml/fixedModel.js';
import { packTree } from '../../../src/libml/treeModel.js';
import {
  builtFolder,
  carriedOf,
  kernelAnswers,
  loader,
  missingToBuild,
  referenceBytes,
  requireToBuild,
} from '../../support/ebpfFolder.js';
import { randomFixedModel, randomNetwork, randomTree, wideValues } from '../../support/randomLibmlModels.js';
import { randomNumbers } from '../../support/randomNumbers.js';
import { drawnCalls, newRun } from '../../support/trainedRuns.js';
import { setOf } from '../../unit/dataset/migrations/setBuilder.js';
import { run } from '../cliProcess.js';

// Programs of eBPF of all kinds of models in the kernel of this machine, which only answer there: what hangs on can_migrate_task()
// is tried on a machine of its own (test/kernel).

const ROWS = 100_000;
const random = randomNumbers(23);
const KINDS = [
  { name: 'network', bits: 16 },
  { name: 'network', bits: 8 },
  { name: 'linear', bits: 16 },
  { name: 'tree', bits: undefined },
  { name: 'deep', bits: 16 },
] as const;

let folder: string;
/** Why programs cannot be asked in this kernel. */
let refusal: string | undefined;
const trained = new Map<string, TrainedRun>();
const built = new Map<string, string>();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kernel-oracle-ebpf-'));
  const set = await setOf({ smp4_alpha: drawnCalls(700) });
  for (const [name, model] of Object.entries({ network: 'libml', linear: 'logistic', tree: 'tree' })) {
    const path = join(folder, `run-${name}`);
    await writeNeuralCfsRun(await newRun(set, model), { path, replace: false });
    trained.set(name, await readNeuralCfsRun(path));
  }
  const { model, ...rest } = trained.get('network')!;
  const { body } = randomNetwork(random, model.features.length, [9, 5, 1]);
  trained.set('deep', { ...rest, model: { ...model, body } });
  refusal = await missingToBuild();
  if (refusal !== undefined) return;
  for (const { name, bits } of KINDS) {
    const path = join(folder, `${name}-${bits ?? 'whole'}`);
    built.set(`${name} ${bits}`, await builtFolder(trained.get(name)!, path, bits));
  }
  const asked = await loader(built.get('tree undefined')!, 'check', 'model.swap');
  if (asked.status !== 0)
    refusal = `this kernel, or this user, may not load programs of eBPF: ${asked.stderr}`;
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function requireKernel(context: TestContext): Promise<void> {
  await requireToBuild(context);
  if (refusal === undefined) return;
  console.warn(`SKIPPED: ${context.task.name}: ${refusal}`);
  context.skip(refusal);
}

describe.each(KINDS)('$name, $bits bits', ({ name, bits }) => {
  const at = () => built.get(`${name} ${bits}`)!;
  const carried = () => {
    const { model, calibration } = trained.get(name)!;
    return carriedModel(model, calibration, { target: 'ebpf', bits });
  };
  const inputs = () => trained.get(name)!.model.features.length;

  test('says to the bit what the reference says of recorded rows', { timeout: 60_000 }, async (context) => {
    await requireKernel(context);
    const { calibration, test: tested, samples } = trained.get(name)!;
    for (const rows of [calibration, tested, samples]) {
      const said = await kernelAnswers(at(), 'model.swap', rows);
      expect(said.equals(referenceBytes(carried(), rows))).toBe(true);
    }
  });

  test('and of 100,000 rows by chance, by a model by chance', { timeout: 60_000 }, async (context) => {
    await requireKernel(context);
    const other = otherModel(name, carried().arrays[0]!.words, inputs());
    const rows = { rows: ROWS, values: wideValues(random, ROWS * inputs()) };
    const few = { rows: 64, values: rows.values.subarray(0, 64 * inputs()) };
    const swap = join(at(), 'other.swap');
    writeFileSync(swap, swapFile(other, inputs(), few));
    const said = await kernelAnswers(at(), 'other.swap', rows);
    expect(said.equals(referenceBytes(other, rows))).toBe(true);
    expect(new Set(said.subarray(0, ROWS))).toEqual(new Set([0, 1]));
  });
});

/** By chance, of the shape that these words have. */
function otherModel(name: string, words: Uint32Array, inputs: number) {
  if (name === 'tree') {
    for (;;) {
      const tree = packTree(randomTree(random, inputs, 4));
      // Both decisions, in the room that there is.
      if (tree[3]! > 8) return carriedOf({ tree });
    }
  }
  const { layers, bits } = unpackFixed(words);
  const units = layers.map((layer) => layer.units);
  return carriedOf(randomFixedModel(random, inputs, units, bits));
}

describe('what is given a kernel as a model', () => {
  const at = () => built.get('network 16')!;
  const check = async (name: string, bytes: Uint8Array) => {
    writeFileSync(join(at(), name), bytes);
    return loader(at(), 'check', name);
  };
  const refused = (why: string) => ({
    status: 1,
    stdout: '',
    stderr: expect.stringContaining(why) as string,
  });

  test('is refused when it is cut, longer, or says of itself what is not so', async (context) => {
    await requireKernel(context);
    const whole = readFileSync(join(at(), 'model.swap'));
    expect(await check('whole', whole)).toMatchObject({ status: 0, stdout: '100 rows: as expected\n' });
    expect(await check('empty', whole.subarray(0, 0))).toMatchObject(refused('it is empty'));
    for (const length of [1, 4, 31, 32, 33, 100, whole.length - 900, whole.length - 1]) {
      expect(await check('cut', whole.subarray(0, length)), `${length}`).toMatchObject(refused('is refused'));
    }
    expect(await check('more', Buffer.concat([whole, Buffer.of(0)]))).toMatchObject(refused('its size'));
    expect(await check('long', Buffer.concat([whole, Buffer.alloc(70_000)]))).toMatchObject(
      refused('larger than any'),
    );
    const withWord = (place: number, value: number) => {
      const bytes = Buffer.from(whole);
      bytes.writeUInt32LE(value, 4 * place);
      return bytes;
    };
    for (const place of [0, 1, 2, 3, 4, 5, 6, 7]) {
      for (const value of [0xffffffff, 0x40000000, 0x80000001, 77]) {
        const said = await check('header', withWord(place, value));
        expect(said, `${place}: ${value}`).toMatchObject(refused('is refused'));
      }
    }
    // Of the model: its own count, layers, inputs, bits, units.
    for (const place of [8, 9, 10, 11, 12, 13, 17]) {
      expect(await check('model', withWord(place, 3)), `${place}`).toMatchObject(
        refused('the model is none'),
      );
    }
  });

  test('and when it does not say what it should, or has another shape', async (context) => {
    await requireKernel(context);
    const wrong = Buffer.from(readFileSync(join(at(), 'model.swap')));
    wrong.writeUInt8(wrong.at(-1)! ^ 1, wrong.length - 1);
    expect(await check('wrong', wrong)).toMatchObject(refused('row 99: decision'));
    const other = readFileSync(join(built.get('deep 16')!, 'model.swap'));
    expect(await check('other', other)).toMatchObject(refused('another shape'));
  });
});

describe('what is kept in the kernel', () => {
  let pins: string;
  const at = () => built.get('network 16')!;
  const stats = async () => JSON.parse((await loader(at(), 'stats', pins)).stdout) as Record<string, unknown>;
  const swapTo = (file: string) => loader(at(), 'swap', pins, file);

  beforeAll(async () => {
    if (refusal !== undefined) return;
    const mounted = join(folder, 'bpf');
    mkdirSync(mounted);
    const { status, stderr } = await run('mount', ['-t', 'bpf', 'bpf', mounted]);
    if (status !== 0) refusal = `a BPF file system cannot be mounted here: ${stderr}`;
    pins = join(mounted, 'tried');
  });
  afterAll(async () => {
    if (refusal === undefined) await run('umount', [join(folder, 'bpf')]);
  });

  test('is started, swapped, found wrong, and removed', { timeout: 30_000 }, async (context) => {
    await requireKernel(context);
    expect(await loader(at(), 'stats', pins)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('There is no model in the kernel') as string,
    });
    expect(await loader(at(), 'start', pins, 'model.swap', 'off')).toMatchObject({ status: 0, stderr: '' });
    expect(await loader(at(), 'start', pins, 'model.swap', 'off')).toMatchObject({ status: 1 });
    const none = { refused: [0, 0], allowed: [0, 0], forced: [0, 0], notAsked: 0, modelNs: 0, callNs: 0 };
    expect(await stats()).toEqual({
      ...{ way: 'ebpf', mode: 'off', slot: 0, swaps: 0, selfTest: 'passed', ...none },
      ...{ overruled: { toRefused: 0, toAllowed: 0 }, vetoed: 0, forcedBy: 'nothing' },
      ...{ modelBytes: 4 * carriedWords(), stateBytes: 256 },
    });
    const wrong = Buffer.from(readFileSync(join(at(), 'model.swap')));
    wrong.writeUInt8(wrong.at(-1)! ^ 1, wrong.length - 1);
    writeFileSync(join(at(), 'wrong'), wrong);
    expect(await swapTo('wrong')).toMatchObject({ status: 1 });
    expect(await stats()).toMatchObject({ slot: 0, swaps: 0, selfTest: 'passed' });
    expect(await swapTo('model.swap')).toMatchObject({ status: 0 });
    expect(await stats()).toMatchObject({ slot: 1, swaps: 1, selfTest: 'passed' });
    // Many at once: one after the other.
    const all = await Promise.all(Array.from({ length: 8 }, () => swapTo('model.swap')));
    expect(all.map(({ status }) => status)).toEqual(all.map(() => 0));
    expect(await stats()).toMatchObject({ slot: 1, swaps: 9, selfTest: 'passed' });
    expect(await loader(at(), 'remove', pins)).toMatchObject({ status: 0, stderr: '' });
    expect(await loader(at(), 'remove', pins)).toMatchObject({ status: 0, stderr: '' });
    // The kernel itself may have put something there.
    expect((await run('ls', ['-A', join(folder, 'bpf')])).stdout).not.toContain('tried');
  });

  test('is switched off when somebody has changed it there', async (context) => {
    await requireKernel(context);
    const { status } = await run('bpftool', ['version']).catch(() => ({ status: 1 }));
    if (status !== 0) context.skip('there is no bpftool here: install bpftool');
    expect(await loader(at(), 'start', pins, 'model.swap', 'off')).toMatchObject({ status: 0 });
    const dump = await run('bpftool', ['-j', 'map', 'lookup', 'pinned', join(pins, 'models'), 'key', ...KEY]);
    const { value } = JSON.parse(dump.stdout) as { value: string[] };
    // A bit of the last bias.
    value[value.length - 8] = `0x${(Number(value.at(-8)) ^ 1).toString(16)}`;
    const write = ['map', 'update', 'pinned', join(pins, 'models'), 'key', ...KEY, 'value', ...value];
    expect(await run('bpftool', write)).toMatchObject({ status: 0 });
    expect(await stats()).toMatchObject({ selfTest: 'failed', mode: 'off' });
    expect(await loader(at(), 'mode', pins, 'shadow')).toMatchObject({ status: 1 });
    expect(await swapTo('model.swap')).toMatchObject({ status: 0 });
    expect(await stats()).toMatchObject({ selfTest: 'passed', mode: 'off', slot: 1 });
    expect(await loader(at(), 'remove', pins)).toMatchObject({ status: 0, stderr: '' });
  });
});

const KEY = ['0', '0', '0', '0'];

function carriedWords(): number {
  return readFileSync(join(built.get('network 16')!, 'model.swap')).readUInt32LE(8);
}
