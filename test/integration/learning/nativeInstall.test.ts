/** Installing the native engine: by the real installer and the process that checks, from folders that are made here. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { commonJs } from '../../../scripts/lib/cli-build.mjs';
import { root } from '../../../scripts/lib/paths.mjs';
import { isFailure } from '../../../src/base/errors.js';
import { checkInProcess } from '../../../src/learning/engines/native/engineCheck.js';
import { installNativeEngine, type InstallSource } from '../../../src/learning/engines/native/install.js';
import { findNativeEngine, MANIFEST_FILE } from '../../../src/learning/engines/native/installation.js';
import { needsNative, nativeForTests, type NativeForTests } from '../../support/nativeEngine.js';

let directory: string;
let checkProgram: string;
let native: NativeForTests;
let folder: string;
let count = 0;

beforeAll(async () => {
  native = await nativeForTests();
  directory = mkdtempSync(join(tmpdir(), 'kernel-oracle-install-'));
  const outdir = join(directory, 'dist');
  const entryPoints = [join(root, 'src/workers/engineCheck.ts')];
  await build({ ...commonJs, logLevel: 'warning', entryPoints, outdir });
  checkProgram = join(outdir, 'engineCheck.cjs');
}, 60_000);

afterAll(() => rmSync(directory, { recursive: true, force: true }));

beforeEach(() => {
  folder = join(directory, `installed-${(count += 1)}`);
});

const install = (
  source: InstallSource,
  more: { signal?: AbortSignal; onProgress?: (text: string) => void } = {},
) => installNativeEngine({ folder, source, checkProgram, ...more });

const failureOf = (work: Promise<unknown>) => work.then(() => null).catch((error: unknown) => error);

/** Nothing of a failed installation, whole or half. */
function expectNothing(): void {
  const own = readdirSync(directory).filter((name) =>
    name.startsWith(folder.slice(dirname(folder).length + 1)),
  );
  expect(own).toEqual([]);
}

/** A folder that looks like an installed `@tensorflow/tfjs-node`. */
function packageWith(addon: string): string {
  const path = join(directory, `package-${count}`);
  const lib = join(path, 'node_modules', '@tensorflow', 'tfjs-node', 'lib', 'napi-v8');
  mkdirSync(lib, { recursive: true });
  writeFileSync(join(lib, 'tfjs_binding.node'), addon);
  return path;
}

describe('from a path', () => {
  it('uses what is there, when it works, and says what it does', async (context) => {
    needsNative(context, native);
    const texts: string[] = [];
    const source = { kind: 'path', path: native.folder } as const;
    const { installation, check } = await install(source, { onProgress: (text) => texts.push(text) });
    expect(texts).toEqual([
      `Looking for TensorFlow in ${native.folder}`,
      'Checking the engine with a small training',
    ]);
    expect(check.lastLoss).toBeLessThan(check.firstLoss / 2);
    expect(check.apart).toBeLessThan(1e-4);
    expect(await findNativeEngine(folder)).toEqual(installation);
    expect(installation).toMatchObject({ source: 'path', addonPath: native.addonPath });
    expect(readdirSync(folder)).toEqual([MANIFEST_FILE]);
    // Once more in its place.
    await install(source);
    expect(readdirSync(folder)).toEqual([MANIFEST_FILE]);
  });

  it('does not take a library that does not load, and keeps what was installed before', async (context) => {
    const broken = packageWith('no library');
    const failure = await failureOf(install({ kind: 'path', path: broken }));
    expect(isFailure(failure, 'bad-input')).toBe(true);
    expect(String(failure)).toMatch(/TensorFlow could not be loaded from .*tfjs_binding\.node/);
    expectNothing();
    needsNative(context, native);
    const { installation } = await install({ kind: 'path', path: native.folder });
    await failureOf(install({ kind: 'path', path: broken }));
    expect(await findNativeEngine(folder)).toEqual(installation);
  });

  it('says what it looked for', async () => {
    const failure = await failureOf(install({ kind: 'path', path: root }));
    expect(isFailure(failure, 'bad-input')).toBe(true);
    expect(String(failure)).toMatch(/neither @tensorflow\/tfjs-node with its addon nor libtensorflow/);
    const nowhere = await failureOf(install({ kind: 'path', path: join(directory, 'nowhere') }));
    expect(isFailure(nowhere, 'not-found')).toBe(true);
    expectNothing();
  });
});

describe('from a wheel', () => {
  it('says that a file is no wheel, or none of TensorFlow', async () => {
    const path = join(directory, 'other.whl');
    writeFileSync(path, 'no wheel');
    const failure = await failureOf(install({ kind: 'wheel', path }));
    expect(isFailure(failure, 'bad-input')).toBe(true);
    expect(String(failure)).toContain(path);
    // A ZIP file with nothing in it.
    const empty = Buffer.alloc(22);
    empty.write('PK\x05\x06', 'latin1');
    writeFileSync(path, empty);
    expect(String(await failureOf(install({ kind: 'wheel', path })))).toMatch(
      /no tensorflow\/libtensorflow_cc/,
    );
    expectNothing();
  });
});

describe('an installation', () => {
  it.each(['Looking for TensorFlow', 'Checking the engine'])(
    'cancelled at "%s" leaves nothing',
    async (at) => {
      const controller = new AbortController();
      const path = 'missing' in native ? packageWith('no library') : native.folder;
      const onProgress = (text: string) => {
        if (text.startsWith(at)) controller.abort();
      };
      const failure = await failureOf(
        install({ kind: 'path', path }, { signal: controller.signal, onProgress }),
      );
      expect(isFailure(failure, 'cancelled'), String(failure)).toBe(true);
      expectNothing();
    },
  );

  it('does not replace what is none of ours', async () => {
    mkdirSync(folder);
    writeFileSync(join(folder, 'thesis.tex'), 'years');
    const failure = await failureOf(install({ kind: 'path', path: root }));
    expect(isFailure(failure, 'wrong-usage')).toBe(true);
    expect(existsSync(join(folder, 'thesis.tex'))).toBe(true);
  });
});

describe('the check', () => {
  it('passes the embedded engine', async () => {
    const check = await checkInProcess(checkProgram, null);
    expect(check.description).toMatch(/^embedded/);
    expect(check.apart).toBeLessThan(1e-5);
  });

  it('tells of a library that ends its process', async () => {
    const program = join(directory, 'crash.cjs');
    writeFileSync(program, "process.kill(process.pid, 'SIGILL');");
    const failure = await failureOf(checkInProcess(program, '/any'));
    expect(isFailure(failure, 'bad-input')).toBe(true);
    expect(String(failure)).toMatch(/SIGILL.*instructions that this processor lacks/);
  });
});
