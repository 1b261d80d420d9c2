/**
 * Makes the disk of the kernel machine: a Debian 12 with two kernels that GRUB chooses between, with everything that
 * collectors and workloads want. Made once, into `.cache/kernel-machine/`.
 */
import { createHash } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { ensureDebianPackages, needsProgram } from './debian.mjs';
import { KERNEL_ARGUMENTS, startKernelMachine } from './kernel-machine.mjs';
import { cacheDir } from './paths.mjs';
import { mustRun } from './processes.mjs';
import { say, ScriptError, secondsSince } from './terminal.mjs';

const folder = join(cacheDir, 'kernel-machine');
const log = join(cacheDir, 'logs', 'kernel-machine.log');

export const KERNEL_MACHINE_DISK = join(folder, 'disk.raw');
/** A private key that `root`, `tracer` (sudo without a password) and `guest` (no sudo) let in. */
export const KERNEL_MACHINE_KEY = join(folder, 'key');

/** The first is the one that it boots. The second numbers `cpu_idle_type` in another way and picks tasks by EEVDF. */
const kernelPackages = ['linux-image-amd64', 'linux-image-6.12-amd64'];
const packages = [
  ...kernelPackages,
  ...[
    'systemd-sysv',
    'udev',
    'dbus',
    'kmod',
    'initramfs-tools',
    'grub-pc-bin',
    'grub2-common',
    'kexec-tools',
  ],
  ...[
    'openssh-server',
    'sudo',
    'iproute2',
    'procps',
    'psmisc',
    'util-linux',
    'less',
    'time',
    'zstd',
    'xz-utils',
  ],
  ...['linux-perf', 'bpftrace', 'bpftool', 'trace-cmd', 'python3-minimal'],
  ...['rt-tests', 'sysbench', 'stress-ng', 'nginx-light', 'apache2-utils'],
  // What a model in the kernel is built with there: a program of eBPF and its loader, a module for the kernel 6.1.
  ...['gcc', 'make', 'clang', 'libbpf-dev', 'linux-headers-amd64'],
];
/** Before the partition GRUB keeps its core. */
const PARTITION_BYTES = { start: 1024 * 1024, size: 5 * 1024 ** 3 };
const SECTOR_BYTES = 512;
const BOOTABLE = 'kernel-machine: bootable';

/** Runs instead of systemd, once, in the machine itself: GRUB looks at the disk from where it will boot. */
const makeBootable = `#!/bin/sh
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C
mount -o remount,rw /
mount -t proc proc /proc 2>/dev/null
mount -t sysfs sysfs /sys 2>/dev/null
{
  grub-install --target=i386-pc /dev/vda && update-grub &&
  grub-set-default "$(sed -n "s/^submenu .*menuentry_id_option '\\([^']*\\)'.*/\\1/p" /boot/grub/grub.cfg)>$(
    sed -n "s/.*menuentry .* Linux 6\\.1\\.[^(]*' .*menuentry_id_option '\\([^']*\\)'.*/\\1/p" /boot/grub/grub.cfg)" &&
  cat /boot/grub/grubenv && echo '${BOOTABLE}'
} >/dev/console 2>&1
sync
mount -o remount,ro /
echo o >/proc/sysrq-trigger
# Nothing that would be read from the disk, which goes first.
while :; do :; done
`;

/** Files of the machine, by path; `.sh`-like ones are made executable below. */
const files = {
  'etc/hostname': 'kernel-machine\n',
  'etc/hosts': '127.0.0.1 localhost kernel-machine\n',
  'etc/fstab': '/dev/vda1 / ext4 defaults,noatime 0 1\n',
  // Instead of a service of systemd, which takes its time here and would take the address away with the cable.
  'etc/systemd/system/network-address.service': [
    ...['[Unit]', 'DefaultDependencies=no', 'After=sys-subsystem-net-devices-eth0.device'],
    ...[
      'BindsTo=sys-subsystem-net-devices-eth0.device',
      'Before=network.target',
      '[Service]',
      'Type=oneshot',
    ],
    ...[
      'RemainAfterExit=yes',
      'ExecStart=ip address add 10.0.2.15/24 dev eth0',
      'ExecStart=ip link set eth0 up',
    ],
    ...['ExecStart=ip route add default via 10.0.2.2', '[Install]', 'WantedBy=multi-user.target', ''],
  ].join('\n'),
  'etc/default/grub': [
    'GRUB_DEFAULT=saved',
    'GRUB_TIMEOUT=0',
    'GRUB_DISTRIBUTOR=Debian',
    'GRUB_DISABLE_OS_PROBER=true',
    `GRUB_CMDLINE_LINUX="${KERNEL_ARGUMENTS}"`,
    '',
  ].join('\n'),
  'etc/sudoers.d/tracer': 'tracer ALL=(root) NOPASSWD: ALL\n',
  'usr/local/sbin/make-bootable': makeBootable,
};

/** Why it cannot be made or run here; undefined: it can. */
export function whyNoKernelMachine() {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'it is a machine for Linux on x64.';
  if (existsSync(KERNEL_MACHINE_DISK) || process.getuid?.() === 0) return undefined;
  return 'its disk is made by root (files of root and device nodes). What to do: sudo node scripts/kernel-machine.mjs --build, once.';
}

/** Makes the disk unless it is there and made of the same. */
export async function ensureKernelMachineImage() {
  const why = whyNoKernelMachine();
  if (why !== undefined) throw new ScriptError(`The kernel machine cannot be had here: ${why}`);
  await ensureDebianPackages([
    needsProgram('qemu-system-x86_64', 'the kernel machine', { debianPackage: 'qemu-system-x86' }),
    needsProgram('setpriv', 'the kernel machine', { debianPackage: 'util-linux' }),
  ]);
  const stampPath = join(folder, 'stamp');
  const stamp = createHash('sha256')
    .update(JSON.stringify([packages, files, PARTITION_BYTES]))
    .digest('hex');
  if (existsSync(KERNEL_MACHINE_DISK) && existsSync(stampPath) && readFileSync(stampPath, 'utf8') === stamp)
    return;
  await ensureDebianPackages([
    needsProgram('mmdebstrap', 'making the disk of the kernel machine'),
    needsProgram('mke2fs', 'making the disk of the kernel machine', { debianPackage: 'e2fsprogs' }),
    {
      debianPackage: 'debian-archive-keyring',
      present: () => existsSync('/usr/share/keyrings/debian-archive-keyring.gpg'),
      why: 'making the disk of the kernel machine',
    },
  ]);
  const begun = performance.now();
  say(`Making the disk of the kernel machine, once; this takes some minutes (log: ${log})…`);
  const tree = join(folder, 'tree');
  const disk = join(folder, 'disk.part');
  mkdirSync(folder, { recursive: true });
  // The disk and the key stay until then: a machine may be running.
  for (const path of [tree, disk, stampPath]) rmSync(path, { recursive: true, force: true });
  if (!existsSync(KERNEL_MACHINE_KEY)) {
    await step('ssh-keygen', [
      '-q',
      '-t',
      'ed25519',
      '-N',
      '',
      '-C',
      'kernel-machine',
      '-f',
      KERNEL_MACHINE_KEY,
    ]);
  }
  await debian(tree);
  await configure(tree);
  await makeDisk(disk, tree);
  await bootOnce(disk, tree);
  rmSync(tree, { recursive: true });
  renameSync(disk, KERNEL_MACHINE_DISK);
  writeFileSync(stampPath, stamp);
  say(`Made the disk of the kernel machine in ${secondsSince(begun)}.`);
}

/** @param {string} command @param {string[]} args */
async function step(command, args) {
  await mustRun('nice', ['-n', '10', command, ...args], {
    log,
    doing: `${command} for the disk of the kernel machine`,
    remedy:
      'check that a mirror of Debian can be reached (KERNEL_MACHINE_MIRROR=<lines of sources.list> names others) and that 6 GB are free, then try again; it starts afresh.',
  });
}

/** @param {string} tree */
async function debian(tree) {
  const initramfs = '"$1/etc/initramfs-tools"';
  // In a mount namespace of its own: what it mounts in the tree cannot outlive it, and nobody removes through it.
  await step('unshare', [
    ...['--mount', 'mmdebstrap'],
    '--variant=minbase',
    '--mode=root',
    `--include=${packages.join(',')}`,
    ...['man', 'locale', 'doc'].map((each) => `--dpkgopt=path-exclude=/usr/share/${each}/*`),
    '--aptopt=Apt::Install-Recommends "false"',
    // The drivers of a virtual machine alone: an initrd of 10 MB instead of 40, which GRUB reads slowly here.
    `--essential-hook=mkdir -p ${initramfs}/conf.d; echo MODULES=list >${initramfs}/conf.d/virtual; printf 'virtio_pci\\nvirtio_blk\\next4\\n' >${initramfs}/modules`,
    'bookworm',
    tree,
    // None: the usual mirror, with updates and security.
    ...[process.env['KERNEL_MACHINE_MIRROR']].filter((each) => each !== undefined),
  ]);
}

/** @param {string} tree */
async function configure(tree) {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(tree, dirname(path)), { recursive: true });
    writeFileSync(join(tree, path), text);
  }
  chmodSync(join(tree, 'usr/local/sbin/make-bootable'), 0o755);
  chmodSync(join(tree, 'etc/sudoers.d/tracer'), 0o440);
  const inside = (/** @type {string[]} */ ...command) => step('chroot', [tree, ...command]);
  for (const user of ['tracer', 'guest']) await inside('useradd', '-m', '-s', '/bin/bash', user);
  for (const [user, home] of [
    ['root', 'root'],
    ['tracer', 'home/tracer'],
    ['guest', 'home/guest'],
  ]) {
    const keys = join(tree, /** @type {string} */ (home), '.ssh');
    mkdirSync(keys, { recursive: true, mode: 0o700 });
    writeFileSync(join(keys, 'authorized_keys'), readFileSync(`${KERNEL_MACHINE_KEY}.pub`), { mode: 0o600 });
    await inside('chown', '-R', `${user}:`, `/${home}/.ssh`);
  }
  await inside('systemctl', 'enable', 'network-address', 'ssh');
  await inside('systemctl', 'disable', 'nginx', 'kexec', 'kexec-load');
  await inside(
    ...['systemctl', 'mask', 'getty@tty1.service'],
    ...['apt-daily.timer', 'apt-daily-upgrade.timer', 'e2scrub_all.timer', 'e2scrub_reap.service'],
    ...['fstrim.timer', 'dpkg-db-backup.timer'],
  );
}

/** A disk with one partition, as a BIOS boots it. @param {string} disk @param {string} tree */
async function makeDisk(disk, tree) {
  const { start, size } = PARTITION_BYTES;
  const descriptor = openSync(disk, 'w');
  ftruncateSync(descriptor, start + size);
  closeSync(descriptor);
  // GRUB 2.06 cannot read file systems with these two.
  const features = '^metadata_csum_seed,^orphan_file';
  // The file is new: nothing has to be zeroed.
  const place = `offset=${start},assume_storage_prezeroed=1`;
  await step('mke2fs', [
    ...['-q', '-F', '-t', 'ext4', '-O', features, '-E', place],
    ...['-d', tree, disk, `${size / 1024}k`],
  ]);
  writePartitionTable(disk, start / SECTOR_BYTES, size / SECTOR_BYTES);
}

/**
 * The partition table of a master boot record: at 446 four entries of 16 bytes {active, first sector by cylinder, type,
 * last sector by cylinder, first sector, number of sectors}, at 510 its mark.
 * @param {string} disk @param {number} first @param {number} sectors
 */
function writePartitionTable(disk, first, sectors) {
  const table = Buffer.alloc(SECTOR_BYTES - 446);
  const beyondCylinders = [0xfe, 0xff, 0xff];
  const linux = 0x83;
  table.set([0x80, ...beyondCylinders, linux, ...beyondCylinders]);
  table.writeUInt32LE(first, 8);
  table.writeUInt32LE(sectors, 12);
  table.set([0x55, 0xaa], SECTOR_BYTES - 446 - 2);
  const descriptor = openSync(disk, 'r+');
  writeSync(descriptor, table, 0, table.length, 446);
  closeSync(descriptor);
}

/** @param {string} disk @param {string} tree */
async function bootOnce(disk, tree) {
  const boot = join(tree, 'boot');
  const kernel = readdirSync(boot).find((name) => name.startsWith('vmlinuz-6.1.'));
  if (kernel === undefined) throw new ScriptError(`There is no kernel 6.1 in ${boot}.`);
  const machine = await startKernelMachine({
    disk,
    keep: true,
    cpus: 2,
    direct: {
      kernel: join(boot, kernel),
      initrd: join(boot, kernel.replace('vmlinuz', 'initrd.img')),
      args: `root=/dev/vda1 ro init=/usr/local/sbin/make-bootable ${KERNEL_ARGUMENTS}`,
    },
  });
  try {
    await machine.waitFor(BOOTABLE, 300_000);
    await machine.ended;
  } finally {
    writeFileSync(log, machine.consoleText(), { flag: 'a' });
    await machine.stop();
  }
}
