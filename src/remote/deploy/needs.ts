// What `control needs` prints, a line for each thing that is missing: KIND WHAT
//   program clang
//   header bpf/libbpf.h
//   header /lib/modules/6.1.0-18-amd64/build
//   kernel BTF
import type { Distribution, PackageFamily } from '../preflight/distribution.js';
import { packagesElsewhere, packagesFor, type Tool } from '../preflight/packages.js';
import { printableText } from '../printableText.js';

/** Something without which a model cannot be built or loaded there. */
export interface MissingThing {
  /** `the program clang`, `the header bpf/libbpf.h`, `of the kernel: BTF` */
  readonly what: string;
  /** That bring it; null: none is known to, see `advice`. */
  readonly packages: readonly string[] | null;
  /** A sentence: what the user can do. */
  readonly advice: string;
}

type Packages = Record<PackageFamily, readonly string[]>;

function packages(debian: string, fedora: string, arch: string): Packages {
  return { debian: [debian], ubuntu: [debian], fedora: [fedora], arch: [arch] };
}

function same(name: string): Packages {
  return packages(name, name, name);
}

/** Names as of Debian 12, Ubuntu 24.04, Fedora 42 and Arch in 2026. */
const PROGRAMS: Readonly<Record<string, Packages>> = {
  clang: same('clang'),
  gcc: same('gcc'),
  cc: same('gcc'),
  make: same('make'),
  tar: same('tar'),
  ld: same('binutils'),
  objcopy: same('binutils'),
  flock: same('util-linux'),
  modprobe: same('kmod'),
  insmod: same('kmod'),
  rmmod: same('kmod'),
  bpftool: packages('bpftool', 'bpftool', 'bpf'),
  'llvm-strip': same('llvm'),
  sha256sum: same('coreutils'),
};

/** By how the header's name begins; the first that fits. */
const HEADERS: readonly (readonly [prefix: string, packages: Packages])[] = [
  ['/lib/modules/', packages('linux-headers-RELEASE', 'kernel-devel-RELEASE', 'linux-headers')],
  ['/usr/lib/modules/', packages('linux-headers-RELEASE', 'kernel-devel-RELEASE', 'linux-headers')],
  ['bpf/', packages('libbpf-dev', 'libbpf-devel', 'libbpf')],
  ['gelf.h', packages('libelf-dev', 'elfutils-libelf-devel', 'libelf')],
  ['libelf.h', packages('libelf-dev', 'elfutils-libelf-devel', 'libelf')],
  ['zlib.h', packages('zlib1g-dev', 'zlib-ng-compat-devel', 'zlib')],
  ['linux/', packages('linux-libc-dev', 'kernel-headers', 'linux-api-headers')],
  ['asm/', packages('linux-libc-dev', 'kernel-headers', 'linux-api-headers')],
  ['', packages('libc6-dev', 'glibc-devel', 'glibc')],
];

/** By a word in what is missing of the kernel. */
const KERNEL_ADVICE: readonly (readonly [pattern: RegExp, advice: string])[] = [
  [/ftrace_enabled/, 'Switch it on there: `sysctl kernel.ftrace_enabled=1`.'],
  [/reading by eBPF/, 'Switch Secure Boot (lockdown) off on this test machine.'],
  [
    /can_migrate_task/,
    'Choose another kernel: in this one the load balancer cannot be reached from outside. A patched kernel can (`kernel-oracle patch-kernel`).',
  ],
  [/btf/i, 'Boot a kernel with CONFIG_DEBUG_INFO_BTF, as those of the distributions are.'],
  [
    /signature|sig_enforce|lockdown|unsigned/i,
    'The kernel takes signed modules only: switch Secure Boot (lockdown, module.sig_enforce) off on this test machine, or take eBPF.',
  ],
  [/bpf|trampoline|jit/i, 'Boot a kernel with CONFIG_BPF_JIT and CONFIG_DYNAMIC_FTRACE, 5.11 or newer.'],
  [/trac|ftrace|kprobe/i, 'Boot a kernel with CONFIG_DYNAMIC_FTRACE and CONFIG_KPROBES.'],
  [/ML_FORCE_MIGRATIONS/, 'Boot the kernel that was built with the model (`kernel-oracle patch-kernel`).'],
];

const MAX_NEEDS = 40;

/** Reads them. Lines of another form become a thing of that text that no package brings: nothing is passed over. */
export function parseNeeds(
  text: string,
  distribution: Distribution | null,
  kernelRelease: string | null,
): readonly MissingThing[] {
  const lines = text
    .split('\n')
    .map((line) => printableText(line, 300).trim())
    .filter((line) => line !== '');
  return [...new Set(lines)].slice(0, MAX_NEEDS).map((line) => {
    const [kind = '', ...rest] = line.split(/\s+/);
    const name = rest.join(' ');
    if (kind === 'program' && name !== '') {
      // What follows the name tells which of them: `clang of version 14 or later`.
      return missing(`the program ${name}`, PROGRAMS[rest[0]!], distribution, kernelRelease);
    }
    if (kind === 'header' && name !== '') {
      const known = HEADERS.find(([prefix]) => name.startsWith(prefix))![1];
      const what = name.startsWith('/') ? `the kernel's headers (${name})` : `the header ${name}`;
      return missing(what, known, distribution, kernelRelease);
    }
    const what = kind === 'kernel' && name !== '' ? `of the kernel: ${name}` : line;
    const advice = KERNEL_ADVICE.find(([pattern]) => pattern.test(line))?.[1];
    return {
      what,
      packages: null,
      advice: advice ?? 'No package brings that; choose another machine or kernel.',
    };
  });
}

function missing(
  what: string,
  known: Packages | undefined,
  distribution: Distribution | null,
  kernelRelease: string | null,
): MissingThing {
  if (known === undefined) return { what, packages: null, advice: 'Install it there.' };
  const tool: Tool = { name: what, usedFor: 'deploying a model', packages: known };
  const names = packagesFor(tool, distribution, kernelRelease);
  const advice =
    names === null
      ? `Install it there: ${packagesElsewhere(tool).replaceAll('RELEASE', kernelRelease ?? 'RELEASE')}.`
      : `Install ${names.join(' ')}.`;
  return { what, packages: names, advice };
}
