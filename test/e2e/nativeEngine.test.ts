/** "Install Native TensorFlow Engine…" to its end, in the editor: checked there, and then what a run computes with. */
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { NATIVE_ENGINE_FOLDER, nativeForTests, needsNative } from '../support/nativeEngine.js';
import { buildSampleData, LITTLE_TCN } from './harness/evaluatedRuns.js';
import { useWorkbench } from './harness/openWorkbench.js';
import { until } from './harness/until.js';

const CONFIG = 'auto.kernel-oracle.yaml';
/** As the package of npm lays it out, which takes a while to fetch; the libraries are beside what the link leads to. */
const ADDON_FOLDER = join('tfjs', 'node_modules', '@tensorflow', 'tfjs-node', 'lib', 'napi-v8');

const workbench = useWorkbench({
  files: {
    [CONFIG]: `dataset: data\n${LITTLE_TCN.replace(/^engine:.*$/m, 'engine: { name: auto, threads: 1 }')}`,
  },
});

const storage = () =>
  join(inject('editor').stateDir, 'user-data', 'User', 'globalStorage', 'kernel-oracle.kernel-oracle');
const installed = () => join(storage(), 'native-engine');

beforeAll(async () => {
  await buildSampleData(workbench().pathOf(''));
}, 120_000);

// The editor is that of the other tests, too.
afterAll(() => rmSync(installed(), { recursive: true, force: true }));

test('a folder that has it: checked by a small training, then offered', async (context) => {
  needsNative(context, await nativeForTests());
  const addonFolder = workbench().pathOf(ADDON_FOLDER);
  rmSync(addonFolder, { recursive: true, force: true });
  mkdirSync(addonFolder, { recursive: true });
  const addon = join('lib', 'tfjs_binding.node');
  symlinkSync(join(NATIVE_ENGINE_FOLDER, addon), join(addonFolder, 'tfjs_binding.node'));
  await workbench().runCommand('KernelOracle: Install Native TensorFlow Engine…');
  await workbench()
    .page.locator('.quick-input-list .monaco-list-row', { hasText: 'Folder that has it' })
    .click();
  await workbench().answerFileDialog(workbench().pathOf('tfjs'));
  const text = await workbench().untilNotification(/is installed and works/);
  expect(text).toMatch(/native \(TensorFlow \d+\.\d+\.\d+\)/);
  expect(readdirSync(installed())).toContain('native-engine.json');
  await workbench().screenshot('native-engine-installed');
  await workbench().runCommand('Notifications: Clear All Notifications');
});

test('a run whose engine is "auto" computes with it from then on', async (context) => {
  needsNative(context, await nativeForTests());
  await workbench().runCommand('KernelOracle: Train Model…');
  await workbench().pick(CONFIG);
  await workbench().untilNotification(/is finished/);
  const [run] = readdirSync(workbench().pathOf('runs'));
  const log = await until('the log of the run', () =>
    Promise.resolve(readFileSync(workbench().pathOf(join('runs', run!, 'training.log')), 'utf8')),
  );
  expect(log).toMatch(/native \(TensorFlow \d+\.\d+\.\d+\), 1 thread/);
  await workbench().runCommand('Notifications: Clear All Notifications');
});
