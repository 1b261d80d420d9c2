import { expect, test } from 'vitest';
import { parseOsRelease } from '../../../../src/remote/preflight/distribution.js';
import { parseNeeds } from '../../../../src/remote/deploy/needs.js';

const DEBIAN = parseOsRelease('ID=debian\nPRETTY_NAME="Debian 12"\n');
const FEDORA = parseOsRelease('ID=fedora\n');
const ARCH = parseOsRelease('ID=arch\n');
const RELEASE = '6.1.0-18-amd64';
const TEXT = `program clang\nprogram cc\nheader bpf/libbpf.h\nheader /lib/modules/${RELEASE}/build\nheader stdio.h\n`;

test('packages by distribution', () => {
  const names = (distribution: typeof DEBIAN) =>
    parseNeeds(TEXT, distribution, RELEASE).flatMap(({ packages }) => packages);
  expect(names(DEBIAN)).toEqual(['clang', 'gcc', 'libbpf-dev', `linux-headers-${RELEASE}`, 'libc6-dev']);
  expect(names(FEDORA)).toEqual(['clang', 'gcc', 'libbpf-devel', `kernel-devel-${RELEASE}`, 'glibc-devel']);
  expect(names(ARCH)).toEqual(['clang', 'gcc', 'libbpf', 'linux-headers', 'glibc']);
});

test('of an unknown distribution, or without a release, no packages are claimed, but where they come from elsewhere', () => {
  const [clang] = parseNeeds(TEXT, null, RELEASE);
  expect(clang).toMatchObject({ what: 'the program clang', packages: null });
  expect(clang!.advice).toBe('Install it there: clang on Debian, clang on Fedora, clang on Arch.');
  const headers = parseNeeds(`header /lib/modules/x/build\n`, DEBIAN, null)[0]!;
  expect(headers.packages).toBeNull();
  expect(parseNeeds('header /lib/modules/x/build', DEBIAN, '6.1; rm -rf /')[0]!.packages).toBeNull();
});

test('what follows a name tells which of them, and is kept', () => {
  const [clang] = parseNeeds('program clang of version 14 or later', DEBIAN, RELEASE);
  expect(clang).toEqual({
    what: 'the program clang of version 14 or later',
    packages: ['clang'],
    advice: 'Install clang.',
  });
  expect(parseNeeds('program frobnicate', DEBIAN, RELEASE)[0]).toMatchObject({ packages: null });
});

test.each([
  ['kernel BTF', /CONFIG_DEBUG_INFO_BTF/],
  ['kernel unsigned modules', /signed modules only/],
  ['kernel function tracing switched on (sysctl kernel.ftrace_enabled=1)', /sysctl kernel\.ftrace_enabled=1/],
  ['kernel can_migrate_task() as a function of its own', /another kernel/],
  ['kernel ML_FORCE_MIGRATIONS', /Boot the kernel/],
  ['kernel something else', /another machine or kernel/],
])('%s', (line, advice) => {
  const [thing] = parseNeeds(line, DEBIAN, RELEASE);
  expect(thing).toMatchObject({ what: `of the kernel: ${line.slice(7)}`, packages: null });
  expect(thing!.advice).toMatch(advice);
});

test('nothing is passed over, and what a machine prints is bounded and printable', () => {
  expect(parseNeeds('', DEBIAN, RELEASE)).toEqual([]);
  expect(parseNeeds('\n  \n', DEBIAN, RELEASE)).toEqual([]);
  expect(parseNeeds('what\n', DEBIAN, RELEASE)[0]!.what).toBe('what');
  expect(parseNeeds('program', DEBIAN, RELEASE)[0]!.what).toBe('program');
  expect(parseNeeds('program \u001b[31mclang\u001b[0m', DEBIAN, RELEASE)[0]!.what).toBe('the program clang');
  expect(parseNeeds('program clang\nprogram clang\n', DEBIAN, RELEASE)).toHaveLength(1);
  const many = Array.from({ length: 1000 }, (_, at) => `program p${at}`).join('\n');
  expect(parseNeeds(many, DEBIAN, RELEASE)).toHaveLength(40);
  expect(parseNeeds(`program ${'x'.repeat(10_000)}`, DEBIAN, RELEASE)[0]!.what.length).toBeLessThan(400);
});
