import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test, type TestContext } from 'vitest';
import { readNeuralCfsRun, writeNeuralCfsRun } from '../../../src/learning/migrations/runs/runFolder.js';
import { emitRun } from '../../../src/libml/emit/emitRun.js';
import { btfOf, SCHEDULER, type BtfStructs } from '../../support/btfFile.js';
import { decidingAlways, withChanged, withWord } from '../../support/swapFiles.js';
import { drawnCalls, newRun } from '../../support/trainedRuns.js';
import { setOf } from '../../unit/dataset/migrations/setBuilder.js';
import { run } from '../cliProcess.js';

// What of a module runs outside of a kernel, too: the model and what takes it in, and what reads the kernel's description of
// itself. The rest is tried in a kernel (test/kernel/module.test.ts).

const LIBRARY = fileURLToPath(new URL('../../../media/libml', import.meta.url));
const KINDS = [
  { name: 'network', bits: 16 },
  { name: 'network', bits: 8 },
  { name: 'network', bits: 32 },
  { name: 'linear', bits: 16 },
  { name: 'linear', bits: 32 },
  { name: 'tree', bits: undefined },
] as const;
const MODELS = { network: 'libml', linear: 'logistic', tree: 'tree' };

let folder: string;
let hasCompiler = false;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kernel-oracle-module-'));
  hasCompiler = (await run('gcc', ['--version']).catch(() => ({ status: 1 }))).status === 0;
  const set = await setOf({ smp4_alpha: drawnCalls(700) });
  for (const [name, model] of Object.entries(MODELS)) {
    await writeNeuralCfsRun(await newRun(set, model), { path: join(folder, name), replace: false });
  }
  for (const { name, bits } of KINDS) {
    await emitRun(await readNeuralCfsRun(join(folder, name)), {
      ...{ name: '*/ int x; /* what??/\n#error', output: at(name, bits), replace: false, library: LIBRARY },
      ...{ target: 'module', bits, kernelOracleVersion: '1.2.3' },
    });
  }
}, 60_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function at(name: string, bits: number | undefined, file = ''): string {
  return join(folder, `module-${name}-${bits ?? 'whole'}`, file);
}

function requireCompiler(context: TestContext): void {
  if (!hasCompiler) context.skip('there is no C compiler here: install gcc and make');
}

async function make(path: string, target: string): Promise<void> {
  const { status, stderr } = await run('make', ['-s', '-C', path, target]);
  expect(stderr).toBe('');
  expect(status).toBe(0);
}

describe('a model for a module', () => {
  test.for(KINDS)('$name, $bits bits: says of its rows what it should', async ({ name, bits }, context) => {
    requireCompiler(context);
    await make(at(name, bits), 'check');
    const { status, stdout, stderr } = await run(at(name, bits, 'check'), [at(name, bits, 'model.swap')]);
    expect(stderr).toBe('');
    expect(stdout).toBe('100 rows: as expected\n');
    expect(status).toBe(0);
  });

  test('what is no model of its shape, or says something else than it should, is refused', async (context) => {
    requireCompiler(context);
    const own = readFileSync(at('network', 16, 'model.swap'));
    const words = own.readUInt32LE(8);
    const refused: Record<string, Buffer> = {
      empty: Buffer.alloc(0),
      'a part of the header': own.subarray(0, 31),
      'the header alone': own.subarray(0, 32),
      short: own.subarray(0, -1),
      long: Buffer.concat([own, Buffer.alloc(1)]),
      'larger than any': Buffer.concat([own, Buffer.alloc(70_000)]),
      magic: withWord(own, 0, 0),
      version: withWord(own, 1, 2),
      'more words': withWord(own, 2, words + 1),
      'words beyond all bounds': withWord(own, 2, 0xffff_ffff),
      inputs: withWord(own, 3, 1),
      'rows beyond all bounds': withWord(own, 4, 0x1fff_ffff),
      'no rows': withWord(own, 4, 0).subarray(0, 32 + 4 * words),
      'what must be 0': withWord(own, 7, 1),
      'words of another model': withWord(own, 8, 0),
      'bits of a weight': withWord(own, 8 + 5, 8),
      'units of a layer': withWord(own, 8 + 9, 64),
      'a decision': withChanged(own, own.length - 1),
      'a logit': withChanged(own, own.length - 101),
      '8 bits': readFileSync(at('network', 8, 'model.swap')),
      linear: readFileSync(at('linear', 16, 'model.swap')),
      tree: readFileSync(at('tree', undefined, 'model.swap')),
    };
    for (const [what, bytes] of Object.entries(refused)) {
      writeFileSync(join(folder, 'swap'), bytes);
      const { status } = await run(at('network', 16, 'check'), [join(folder, 'swap')]);
      expect(status, what).toBe(1);
    }
    for (const always of [0, 1] as const) {
      writeFileSync(join(folder, 'swap'), decidingAlways(own, always));
      expect((await run(at('network', 16, 'check'), [join(folder, 'swap')])).status).toBe(0);
    }
  });

  test('models of floats take no other shape either', async (context) => {
    requireCompiler(context);
    const own = readFileSync(at('network', 32, 'model.swap'));
    const inputs = own.readUInt32LE(12);
    const network = 8 + 4 + 4 * inputs;
    for (const [word, value] of [
      [8, 0],
      [8 + 3, inputs + 1],
      [network, 0],
      [network + 3, 9],
      [network + 6, 200],
      [network + 7, 2],
    ] as const) {
      writeFileSync(join(folder, 'swap'), withWord(own, word, value));
      const { status, stderr } = await run(at('network', 32, 'check'), [join(folder, 'swap')]);
      expect(status, String(word)).toBe(1);
      expect(stderr).toMatch(/another shape/);
    }
  });

  test('control is a program of sh, and tells what it is given wrong', async () => {
    const control = at('network', 16, 'control');
    expect((await run('sh', ['-n', control])).status).toBe(0);
    for (const words of [[], ['start'], ['mode'], ['swap'], ['build', 'x'], ['other']]) {
      const { status, stderr } = await run('sh', [control, ...words]);
      expect(status, words.join(' ')).toBe(1);
      expect(stderr).toMatch(/control/);
    }
  });
});

describe('offsets', () => {
  async function offsets(structs: BtfStructs | Buffer) {
    await make(at('network', 16), 'offsets');
    const file = join(folder, 'btf');
    writeFileSync(file, Buffer.isBuffer(structs) ? structs : btfOf(structs));
    return run(at('network', 16, 'offsets'), [file]);
  }

  test('members lie where the kernel says, also in nameless structures', async (context) => {
    requireCompiler(context);
    const { stdout, status } = await offsets(SCHEDULER);
    expect(status).toBe(0);
    expect(stdout).toContain('struct { char before_src_rq[8]; struct rq *src_rq; } __packed;');
    expect(stdout).toContain('struct { char before_dst_rq[24]; struct rq *dst_rq; } __packed;');
    expect(stdout).toContain('struct { char before_idle[32]; u32 idle; } __packed;');
    expect(stdout).toContain('struct { char before_imbalance[40]; s64 imbalance; } __packed;');
    expect(stdout).toContain('char before_avg[64];');
    expect(stdout).toContain('struct { char before_util_avg[16]; u64 util_avg; } __packed;');
    expect(stdout).toContain('/* no loop */');
    expect(stdout).toContain('#define KERNEL_ORACLE_HAS_TASK_HOT 1');
    expect(stdout).toContain('#define KERNEL_ORACLE_STATISTICS(p) ((p)->stats)');
  });

  test('a kernel without the bit and without statistics', async (context) => {
    requireCompiler(context);
    const { stdout, status } = await offsets({
      ...SCHEDULER,
      structs: { ...SCHEDULER.structs, task_struct: [], sched_statistics: [] },
    });
    expect(status).toBe(0);
    expect(stdout).not.toMatch(/HAS_TASK_HOT|STATISTICS/);
  });

  test('what cannot be hooked is refused', async (context) => {
    requireCompiler(context);
    const others = Object.fromEntries(
      Object.entries(SCHEDULER.structs).filter(([name]) => name !== 'lb_env'),
    );
    expect((await offsets({ ...SCHEDULER, structs: others })).stderr).toMatch(/lb_env: .*no such structure/);
    expect((await offsets({ ...SCHEDULER, functions: {} })).stderr).toMatch(/no such function/);
    expect((await offsets({ ...SCHEDULER, functions: { can_migrate_task: 3 } })).stderr).toMatch(
      /other arguments/,
    );
  });

  test('a description that is cut short, wherever, is refused', async (context) => {
    requireCompiler(context);
    const whole = btfOf(SCHEDULER);
    for (let length = 0; length < whole.length; length += 37) {
      const { status, stderr } = await offsets(whole.subarray(0, length));
      expect(status, String(length)).toBe(1);
      expect(stderr).toMatch(/BTF|cut short/);
    }
  });
});
