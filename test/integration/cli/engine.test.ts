import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { commonJs } from '../../../scripts/lib/cli-build.mjs';
import { root } from '../../../scripts/lib/paths.mjs';
import { needsNative, nativeForTests, type NativeForTests } from '../../support/nativeEngine.js';
import { buildCli, finished, makeDirectory } from '../cliProcess.js';
import { spawn } from 'node:child_process';

let directory: string;
let cli: string;
let folder: string;
let native: NativeForTests;

beforeAll(async () => {
  directory = await makeDirectory();
  cli = await buildCli(directory);
  const entryPoints = [join(root, 'src/workers/engineCheck.ts')];
  await build({ ...commonJs, logLevel: 'warning', entryPoints, outdir: join(directory, 'dist') });
  folder = join(directory, 'native');
  native = await nativeForTests();
}, 60_000);

afterAll(() => rmSync(directory, { recursive: true, force: true }));

const run = (...args: string[]) =>
  finished(
    spawn(process.execPath, [cli, 'engine', ...args], {
      env: { ...process.env, KERNEL_ORACLE_NATIVE_ENGINE: folder },
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  );

test('list tells of both engines, and of one that is not installed', async () => {
  const { status, stdout } = await run('list');
  expect(status).toBe(0);
  expect(stdout).toMatch(/^embedded {2}yes {5}WebAssembly, \d+ thread/m);
  expect(stdout).toContain(`${folder}  It is not installed.`);
  const json = await run('list', '--json');
  expect(JSON.parse(json.stdout)).toMatchObject([
    { name: 'embedded', isUsable: true, reason: null },
    { name: 'native', isUsable: false, where: folder, reason: 'It is not installed.' },
  ]);
});

test('check looks at the embedded engine where there is no native one, and says how to get that', async () => {
  const { status, stdout } = await run('check');
  expect(status).toBe(0);
  expect(stdout).toMatch(/^engine {7}embedded .*\nlearns {7}loss 1\.\d+ to 0\.\d+ .*\nagrees {7}/);
  const named = await run('check', 'native');
  expect(named.status).toBe(1);
  expect(named.stderr).toMatch(
    /^kernel-oracle: The native engine is not installed .*kernel-oracle engine install/,
  );
});

test('wrong usage has its own status', async () => {
  expect((await run('install', '--from', 'path')).status).toBe(2);
  expect((await run('install', '--from', 'download', '--path', '/tmp')).status).toBe(2);
  expect((await run('install', '--from', 'nowhere')).status).toBe(2);
  expect((await run('check', 'other')).status).toBe(2);
});

test('install, list and check', async (context) => {
  needsNative(context, native);
  const installed = await run('install', '--from', 'path', '--path', native.folder);
  expect(installed.status, installed.stderr).toBe(0);
  expect(installed.stdout).toContain(`installed    ${folder}`);
  expect(installed.stdout).toMatch(/engine {7}native \(TensorFlow/);
  expect((await run('list')).stdout).toMatch(/^native {4}yes {5}TensorFlow \d/m);
  const check = await run('check', '--json');
  expect(JSON.parse(check.stdout)).toMatchObject({
    description: expect.stringContaining('TensorFlow') as unknown,
  });
});
