import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isFailure } from '../../../../../src/base/errors.js';
import {
  engineStates,
  openEngineNamed,
  openNativeEngine,
} from '../../../../../src/learning/engines/engines.js';
import {
  findNativeEngine,
  MANIFEST_FILE,
  nativeEngineFolder,
} from '../../../../../src/learning/engines/native/installation.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kernel-oracle-native-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const MANIFEST = {
  format: 'kernel-oracle-native-engine',
  version: 1,
  source: 'wheel',
  addon: 'lib/tfjs_binding.node',
  tensorFlow: '2.21.0',
  installed: '2026-01-02T03:04:05.000Z',
};
const writeManifest = (value: unknown) => writeFileSync(join(folder, MANIFEST_FILE), JSON.stringify(value));

describe('the folder', () => {
  it('is what the variable says, or of the user', () => {
    expect(nativeEngineFolder({ KERNEL_ORACLE_NATIVE_ENGINE: '/a/b' })).toBe('/a/b');
    expect(nativeEngineFolder({ XDG_DATA_HOME: '/data' })).toBe('/data/kernel-oracle/native-engine');
    const usual = join(homedir(), '.local/share/kernel-oracle/native-engine');
    expect(nativeEngineFolder({})).toBe(usual);
    expect(nativeEngineFolder({ XDG_DATA_HOME: 'relative', KERNEL_ORACLE_NATIVE_ENGINE: '' })).toBe(usual);
  });
});

describe('what is installed', () => {
  it('is what the manifest says', async () => {
    writeManifest(MANIFEST);
    const found = await findNativeEngine(folder);
    expect(found).toEqual({ ...MANIFEST, folder, addonPath: join(folder, 'lib/tfjs_binding.node') });
    writeManifest({ ...MANIFEST, addon: '/elsewhere/tfjs_binding.node' });
    expect((await findNativeEngine(folder))?.addonPath).toBe('/elsewhere/tfjs_binding.node');
  });

  it('is nothing in half an installation: libraries without a manifest', async () => {
    mkdirSync(join(folder, 'lib'));
    writeFileSync(join(folder, 'lib', 'tfjs_binding.node'), 'half');
    expect(await findNativeEngine(folder)).toBeNull();
    const native = (await engineStates(folder)).find(({ name }) => name === 'native');
    expect(native).toMatchObject({ isUsable: false, reason: 'It is not installed.' });
  });

  it.each([['{'], ['{}'], [JSON.stringify({ ...MANIFEST, version: 2 })]])(
    'is not known from the manifest %s',
    async (text) => {
      writeFileSync(join(folder, MANIFEST_FILE), text);
      await expect(findNativeEngine(folder)).rejects.toThrow(/Install it again/);
      const native = (await engineStates(folder)).find(({ name }) => name === 'native');
      expect(native?.isUsable).toBe(false);
      expect(native?.reason).toMatch(/Install it again/);
    },
  );
});

describe('opening', () => {
  const failureOf = (work: Promise<unknown>) => work.then(() => null).catch((error: unknown) => error);

  it('says how to install what is not there', async () => {
    const failure = await failureOf(openNativeEngine(0, folder));
    expect(isFailure(failure, 'not-found')).toBe(true);
    expect(String(failure)).toMatch(/kernel-oracle engine install.*Install Native TensorFlow Engine…/);
  });

  it('says what is wrong with a library that does not load', async () => {
    mkdirSync(join(folder, 'lib'));
    writeFileSync(join(folder, 'lib', 'tfjs_binding.node'), 'no library');
    writeManifest(MANIFEST);
    const failure = await failureOf(openNativeEngine(0, folder));
    expect(isFailure(failure, 'bad-input')).toBe(true);
    expect(String(failure)).toMatch(/TensorFlow could not be loaded from .*tfjs_binding\.node: .+/);
  });

  it('says that the addon of a manifest is gone', async () => {
    writeManifest(MANIFEST);
    const failure = await failureOf(openNativeEngine(0, folder));
    expect(isFailure(failure, 'not-found')).toBe(true);
    expect(String(failure)).toContain(join(folder, 'lib', 'tfjs_binding.node'));
  });

  it('of auto takes the embedded engine where there is no native one', async () => {
    const before = process.env['KERNEL_ORACLE_NATIVE_ENGINE'];
    process.env['KERNEL_ORACLE_NATIVE_ENGINE'] = folder;
    try {
      const engine = await openEngineNamed('auto', 1);
      expect(engine.name).toBe('embedded');
      engine.dispose();
    } finally {
      if (before === undefined) delete process.env['KERNEL_ORACLE_NATIVE_ENGINE'];
      else process.env['KERNEL_ORACLE_NATIVE_ENGINE'] = before;
    }
  });
});
