/** The patch by the program `patch`, and build.sh by a real shell with stand-ins for what a kernel brings. */
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PATCH_FILE, patchKernel } from '../../../src/libml/patched/patchKernel.js';
import { writeKernelSource } from '../../support/kernelSource.js';
import { drawnCalls, newRun } from '../../support/trainedRuns.js';
import { setOf } from '../../unit/dataset/migrations/setBuilder.js';
import { run } from '../cliProcess.js';

let folder: string;
let pristine: string;
let source: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kernel-oracle-patched-'));
  [pristine, source] = [join(folder, 'pristine'), join(folder, 'source')];
  await writeKernelSource(pristine);
  await cp(pristine, source, { recursive: true });
  const { info, ...rest } = await newRun(await setOf({ smp4_alpha: drawnCalls(1000) }), 'logistic');
  const files = { model: 'a', calibration: 'b', test: 'c', samples: 'd' };
  const library = fileURLToPath(new URL('../../../media/libml', import.meta.url));
  await patchKernel(
    source,
    { info: { ...info, files }, ...rest },
    { name: 'mine', library, kernelOracleVersion: '1.2.3' },
  );
});

afterAll(() => rm(folder, { recursive: true }));

async function kernelFiles(of: string): Promise<Map<string, string>> {
  const entries = await readdir(of, { recursive: true, withFileTypes: true });
  const paths = entries.filter((each) => each.isFile()).map((each) => join(each.parentPath, each.name));
  const ofKernel = paths.filter((path) => !path.startsWith(join(of, 'kernel-oracle'))).sort();
  return new Map(
    await Promise.all(
      ofKernel.map(async (path) => [path.slice(of.length), await readFile(path, 'utf8')] as const),
    ),
  );
}

test('the patch makes of an untouched source what was written, and takes it back', async (context) => {
  const there = await run('patch', ['--version']).catch(() => null);
  if (there === null) context.skip('there is no patch here: install the package patch');
  const copy = join(folder, 'copy');
  await cp(pristine, copy, { recursive: true });
  const patch = (...args: string[]) =>
    run('patch', ['-p1', '--fuzz=0', '-d', copy, '-i', join(source, PATCH_FILE), ...args]);
  expect(await patch()).toMatchObject({ status: 0 });
  expect(await kernelFiles(copy)).toEqual(await kernelFiles(source));
  expect(await patch('-R')).toMatchObject({ status: 0 });
  expect(await kernelFiles(copy)).toEqual(await kernelFiles(pristine));
});

/** What `scripts/config` and `make` do to .config here: of the options of the model, fixed point alone stays as wanted. */
const CONFIG = `#!/bin/sh
while [ $# -gt 0 ]; do
	case $1 in
	-e) sed -i "/CONFIG_$2[= ]/d" .config; echo "CONFIG_$2=y" >>.config; shift 2 ;;
	-d) sed -i "/CONFIG_$2[= ]/d" .config; echo "# CONFIG_$2 is not set" >>.config; shift 2 ;;
	--set-str) sed -i "/CONFIG_$2=/d" .config; echo "CONFIG_$2=\\"$3\\"" >>.config; shift 3 ;;
	esac
done
`;
const MAKE = `#!/bin/sh
echo "$*" >>made
case "$*" in
*olddefconfig) [ ! -f broken ] || sed -i /ML_FORCE/d .config ;;
*kernelrelease) echo 6.1.99-rc1-ml ;;
*image_name) echo arch/x86/boot/bzImage ;;
esac
`;

async function program(path: string, text: string): Promise<void> {
  await writeFile(path, text);
  await chmod(path, 0o755);
}

async function build(...args: string[]) {
  const path = `${join(folder, 'bin')}:${process.env['PATH']!}`;
  return run('env', [`PATH=${path}`, 'sh', join(source, 'kernel-oracle', 'build.sh'), ...args]);
}

test('build.sh configures what it is given, keeps what was there, and says what does not work', async () => {
  await mkdir(join(folder, 'bin'));
  await mkdir(join(source, 'scripts'));
  await program(join(source, 'scripts', 'config'), CONFIG);
  await program(join(folder, 'bin', 'make'), MAKE);
  expect(await build('configure', 'keep')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('There is no .config in') as string,
  });
  const given = join(folder, 'given');
  await writeFile(
    given,
    'CONFIG_SMP=y\nCONFIG_LOCALVERSION="-x"\nCONFIG_SYSTEM_TRUSTED_KEYS="debian/certs.pem"\n',
  );
  expect(await build('configure', given, 'float')).toMatchObject({
    status: 0,
    stdout: 'configured 6.1.99-rc1-ml\n',
  });
  const config = () => readFile(join(source, '.config'), 'utf8');
  expect((await config()).split('\n').sort()).toEqual([
    '',
    '# CONFIG_FIXED_POINT_ML is not set',
    'CONFIG_LOCALVERSION="-x-ml"',
    'CONFIG_ML_FORCE_MIGRATIONS=y',
    'CONFIG_SMP=y',
    'CONFIG_SYSTEM_TRUSTED_KEYS=""',
  ]);
  const first = await config();
  expect(await build('configure', 'keep')).toMatchObject({ status: 0 });
  expect(await config()).toContain('CONFIG_FIXED_POINT_ML=y\n');
  expect(await config()).toContain('CONFIG_LOCALVERSION="-x-ml"\n');
  expect(await readFile(join(source, '.config.before-ml'), 'utf8')).toBe(first);
  await writeFile(join(source, 'broken'), '');
  expect(await build('configure', 'keep')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('ML_FORCE_MIGRATIONS did not stay on') as string,
  });
  expect(await build('build', '3', 'image')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('ML_FORCE_MIGRATIONS is off in .config') as string,
  });
  for (const wrong of [[], ['configure'], ['configure', 'keep', 'decimal'], ['make']]) {
    expect(await build(...wrong)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('usage:') as string,
    });
  }
});

test('build.sh names what a build would miss', async () => {
  const { status, stdout } = await build('needs');
  expect(status).toBe(0);
  expect(stdout).toMatch(/^(?:(?:program|header) [\w./-]+\n)*$/);
});
