import { readFileSync } from 'node:fs';
import { PassThrough, Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { bootArguments, bootKernel, parseInstalled } from '../../../../src/remote/benchmarks/bootKernel.js';
import {
  entryOf,
  isRelease,
  parseGrubConfig,
  parseLoaderEntry,
  releaseOf,
} from '../../../../src/remote/benchmarks/kernels.js';
import type { Connection, RemoteProcess } from '../../../../src/remote/connection.js';
import { RemotePrograms } from '../../../../src/remote/remotePrograms.js';

const GRUB = String.raw`
function gfxmode {
  set gfxpayload="\${1}"
}
if [ "\${next_entry}" ] ; then
   set default="\${next_entry}"
fi
### BEGIN /etc/grub.d/10_linux ###
menuentry 'Debian GNU/Linux' --class debian --class os $menuentry_id_option 'gnulinux-simple-aa11' {
	load_video
	if [ x$grub_platform = xxen ]; then insmod xzio; insmod lzopio; fi
	if [ x$feature_platform_search_hint = xy ]; then
	  search --no-floppy --fs-uuid --set=root aa11
	else
	  search --no-floppy --fs-uuid --set=root aa11
	fi
	linux	/boot/vmlinuz-6.1.0-18-amd64 root=UUID=aa11 ro  quiet
	initrd	/boot/initrd.img-6.1.0-18-amd64
}
submenu 'Advanced options for Debian GNU/Linux' $menuentry_id_option 'gnulinux-advanced-aa11' {
	menuentry 'Debian GNU/Linux, with Linux 6.1.0-18-amd64' --class debian $menuentry_id_option 'gnulinux-6.1.0-18-amd64-advanced-aa11' {
		linux	/boot/vmlinuz-6.1.0-18-amd64 root=UUID=aa11 ro  quiet
		initrd	/boot/initrd.img-6.1.0-18-amd64
	}
	menuentry 'Debian GNU/Linux, with Linux 6.1.0-18-amd64 (recovery mode)' $menuentry_id_option 'gnulinux-6.1.0-18-amd64-recovery-aa11' {
		linux	/boot/vmlinuz-6.1.0-18-amd64 root=UUID=aa11 ro single
	}
	menuentry "It's \"ML\" 4.15" --id ml-4.15 {
		linux16	/vmlinuz-4.15.0-ml root=/dev/vda1 "note=two words" quiet
		initrd16	/ucode.img /initrd-4.15.0-ml
	}
}
menuentry 'UEFI Firmware Settings' $menuentry_id_option 'uefi-firmware' {
	fwsetup
}
# menuentry 'Commented out' { linux /vmlinuz-1.0 }
`;

/** What grub 2.06 of Debian 12 makes for two kernels; only its own text, so that quoting and blocks are grub's. */
const DEBIAN = readFileSync(new URL('debian12_grub.cfg', import.meta.url), 'utf8');

/** The part of Fedora's grub.cfg where Debian has its menu entries: they are read from files when it boots. */
const FEDORA_GRUB = String.raw`
### BEGIN /etc/grub.d/10_linux ###
insmod part_gpt
insmod ext2
search --no-floppy --fs-uuid --set=root bb22
insmod blscfg
blscfg
### END /etc/grub.d/10_linux ###
menuentry 'UEFI Firmware Settings' $menuentry_id_option 'uefi-firmware' {
	fwsetup
}
`;

const FEDORA = `title Fedora Linux (6.5.6-300.fc39.x86_64) 39
version 6.5.6-300.fc39.x86_64
linux /vmlinuz-6.5.6-300.fc39.x86_64
initrd /initramfs-6.5.6-300.fc39.x86_64.img $tuned_initrd
options root=UUID=bb22 ro
options rhgb quiet
grub_users $grub_users
`;

describe('grub.cfg', () => {
  const entries = parseGrubConfig(GRUB);

  test('entries, also in submenus, with the path that grub-reboot takes', () => {
    expect(entries.map(({ grubId, release }) => [grubId, release])).toEqual([
      ['gnulinux-simple-aa11', '6.1.0-18-amd64'],
      ['gnulinux-advanced-aa11>gnulinux-6.1.0-18-amd64-advanced-aa11', '6.1.0-18-amd64'],
      ['gnulinux-advanced-aa11>ml-4.15', '4.15.0-ml'],
    ]);
    expect(entries[2]).toMatchObject({
      title: 'It\'s "ML" 4.15',
      kernelPath: '/vmlinuz-4.15.0-ml',
      initrdPath: '/initrd-4.15.0-ml',
      commandLine: 'root=/dev/vda1 note=two words quiet',
    });
  });

  test('as grub itself wrote it for Debian 12: newest on top, both in the submenu, no recovery', () => {
    const uuid = '0e6f5dc0-a9a3-4fe5-8bd2-3b36ce0be7ff';
    const found = parseGrubConfig(DEBIAN);
    expect(found.map(({ grubId }) => grubId)).toEqual([
      `gnulinux-simple-${uuid}`,
      `gnulinux-advanced-${uuid}>gnulinux-6.12.12+bpo-amd64-advanced-${uuid}`,
      `gnulinux-advanced-${uuid}>gnulinux-6.1.0-18-amd64-advanced-${uuid}`,
    ]);
    expect(entryOf(found, '6.1.0-18-amd64', 'lab')).toEqual({
      title: 'Debian GNU/Linux, with Linux 6.1.0-18-amd64',
      grubId: found[2]!.grubId,
      kernelPath: '/boot/vmlinuz-6.1.0-18-amd64',
      initrdPath: '/boot/initrd.img-6.1.0-18-amd64',
      commandLine: 'root=/dev/vda1 ro console=ttyS0,115200 quiet',
      release: '6.1.0-18-amd64',
    });
    expect(DEBIAN.match(/^\s*menuentry .*\(recovery mode\)/gm)).toHaveLength(2);
    expect(parseGrubConfig(DEBIAN.replaceAll('recovery mode', 'Wiederherstellungsmodus'))).toEqual(found);
  });

  test('of two entries of one kernel that of the submenu: the one on top changes with updates', () => {
    expect(entryOf(entries, '6.1.0-18-amd64', 'lab').grubId).toContain('advanced');
    expect(() => entryOf(entries, '5.0.0', 'lab')).toThrow(
      'lab has no boot entry for the kernel 5.0.0. It has 6.1.0-18-amd64, 4.15.0-ml.',
    );
  });

  test('what is no configuration gives nothing, quickly', () => {
    expect(parseGrubConfig('')).toEqual([]);
    expect(parseGrubConfig('}\n}\nmenuentry {\nlinux\n')).toEqual([]);
    const begun = Date.now();
    parseGrubConfig(`menuentry '${"\\'".repeat(200_000)}\n${'{'.repeat(100_000)}`);
    parseGrubConfig('"a\\'.repeat(100_000));
    expect(Date.now() - begun).toBeLessThan(2000);
  });
});

test('entries after the Boot Loader Specification', () => {
  expect(parseLoaderEntry('cc33-6.5.6-300.fc39.x86_64.conf', FEDORA)).toEqual({
    title: 'Fedora Linux (6.5.6-300.fc39.x86_64) 39',
    grubId: 'cc33-6.5.6-300.fc39.x86_64',
    kernelPath: '/vmlinuz-6.5.6-300.fc39.x86_64',
    initrdPath: '/initramfs-6.5.6-300.fc39.x86_64.img',
    commandLine: 'root=UUID=bb22 ro rhgb quiet',
    release: '6.5.6-300.fc39.x86_64',
  });
  // As systemd's kernel-install lays them out: the image's name tells nothing, `version` does.
  const installed = 'title Debian\nversion 6.12.12\nlinux /cc33/6.12.12/linux\ninitrd /cc33/6.12.12/initrd\n';
  expect(parseLoaderEntry('cc33-6.12.12.conf', installed)).toMatchObject({
    release: '6.12.12',
    initrdPath: '/cc33/6.12.12/initrd',
  });
  expect(parseLoaderEntry('cc33-0-rescue.conf', FEDORA)).toBeNull();
  expect(parseLoaderEntry('windows.conf', 'title Windows\nefi /EFI/x.efi\n')).toBeNull();
});

test('releases from the names of images', () => {
  expect(releaseOf('/boot/vmlinuz-6.1.0-18-amd64')).toBe('6.1.0-18-amd64');
  expect(releaseOf('/vmlinuz-linux')).toBeNull();
  expect(['6.1.0-18-amd64', '5.15.0+', 'x y', '', '-x', '../a'].map(isRelease)).toEqual([
    true,
    true,
    false,
    false,
    false,
    false,
  ]);
});

const PARTS = (tools: readonly string[], kexecDisabled = '0') =>
  [
    '',
    '== running 6.1.0-18-amd64',
    ...tools.map((tool) => `\n== tool ${tool}`),
    `\n== grub /boot/grub/grub.cfg\n${GRUB}`,
    `\n== kexec-disabled ${kexecDisabled}`,
    '',
  ].join('\n');

describe('what a machine can boot, and how', () => {
  test.each([
    {
      tools: ['grub-reboot', 'kexec', 'systemctl'],
      prefers: false,
      method: { kind: 'grub', command: 'grub-reboot' },
    },
    { tools: ['grub-reboot', 'kexec', 'systemctl'], prefers: true, method: { kind: 'kexec' } },
    { tools: ['grub2-reboot'], prefers: true, method: { kind: 'grub', command: 'grub2-reboot' } },
    { tools: ['kexec'], prefers: false, method: null },
  ])('$tools, kexec preferred: $prefers', ({ tools, prefers, method }) => {
    const found = parseInstalled(PARTS(tools), prefers);
    expect(found).toMatchObject({ running: '6.1.0-18-amd64', method });
    expect(found.entries).toHaveLength(3);
    expect(found.why === '').toBe(method !== null);
  });

  test('kexec that the kernel forbids is none, and it is said what is missing', () => {
    const { method, why } = parseInstalled(PARTS(['kexec', 'systemctl'], '1'), true);
    expect(method).toBeNull();
    expect(why).toMatch(/^Neither grub-reboot \(with a grub\.cfg\) nor kexec with systemd/);
    expect(parseInstalled('\n== running 6.18\n\n== tool grub-reboot\n', false)).toMatchObject({
      method: null,
      why: 'No entry of a boot loader was found that boots Linux.',
    });
  });

  test('Fedora: entries from files, chosen by their ids; files that grub does not read are not used', () => {
    const entry = `\n== entry cc33-6.5.6-300.fc39.x86_64.conf\n${FEDORA}\n== entry cc33-0-rescue.conf\n${FEDORA}`;
    const head = '\n== running 6.5.6-300.fc39.x86_64\n\n== tool grub2-reboot\n';
    const fedora = parseInstalled(`${head}\n== grub /boot/grub2/grub.cfg\n${FEDORA_GRUB}${entry}`, false);
    expect(fedora.method).toEqual({ kind: 'grub', command: 'grub2-reboot' });
    expect(fedora.entries.map(({ grubId }) => grubId)).toEqual(['cc33-6.5.6-300.fc39.x86_64']);
    expect(bootArguments(fedora.method!, entryOf(fedora.entries, fedora.running, 'lab'))).toEqual([
      'grub2-reboot',
      'cc33-6.5.6-300.fc39.x86_64',
    ]);
    const debian = parseInstalled(`${head}\n== grub /boot/grub/grub.cfg\n${DEBIAN}${entry}`, false);
    expect(debian.entries.map(({ release }) => release)).not.toContain('6.5.6-300.fc39.x86_64');
  });

  test('what is run for an entry', () => {
    const entry = entryOf(parseGrubConfig(GRUB), '4.15.0-ml', 'lab');
    expect(bootArguments({ kind: 'grub', command: 'grub-reboot' }, entry)).toEqual([
      'grub-reboot',
      'gnulinux-advanced-aa11>ml-4.15',
    ]);
    expect(bootArguments({ kind: 'kexec' }, entry)).toEqual([
      'kexec',
      '/vmlinuz-4.15.0-ml',
      '/initrd-4.15.0-ml',
      'root=/dev/vda1 note=two words quiet',
    ]);
  });
});

/** A reboot cannot be had here: this plays a machine that goes down and comes back. */
class RebootingMachine {
  readonly name = 'lab';
  boots = 0;
  ordered = false;
  disconnected = 0;
  #downFor = 0;

  constructor(
    private readonly comesBackWith: string,
    private readonly tools: readonly string[] = ['grub-reboot'],
  ) {}

  disconnect(): void {
    this.disconnected += 1;
  }

  run<T>(_what: string, work: (connection: Connection, signal: AbortSignal) => Promise<T>): Promise<T> {
    if (this.ordered && this.boots === 0) {
      this.#downFor += 1;
      if (this.#downFor === 2) return Promise.reject(new Error('connection refused'));
      if (this.#downFor === 3) this.boots = 1;
    }
    const connection = {
      destination: 'lab',
      lostBecause: undefined,
      onLost: () => ({ dispose: () => undefined }),
      dispose: () => undefined,
      start: (command: string) => Promise.resolve(this.#answer(command)),
    };
    return work(connection, new AbortController().signal);
  }

  #answer(command: string): RemoteProcess {
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    stdout.end(this.#text(command));
    stderr.end();
    const stdin = new Writable({ write: (_chunk, _encoding, done) => done() });
    return {
      stdin,
      stdout,
      stderr,
      exit: Promise.resolve({ code: 0, signal: null }),
      close: () => undefined,
    };
  }

  #text(command: string): string {
    if (command.includes('loadavg')) {
      const kernel = this.boots === 0 ? '6.1.0-18-amd64' : this.comesBackWith;
      return `kernel ${kernel}\nbootId boot-${this.boots}\nuptime 10.00\n`;
    }
    if (command.includes('sudo')) return 'own\n';
    if (command.includes('grub.cfg')) return PARTS(this.tools);
    this.ordered = true;
    return 'booting\n';
  }
}

describe('booting another kernel', () => {
  const context = { programs: new RemotePrograms('media/remote'), version: '0', now: () => new Date() };
  const options = { consent: () => Promise.resolve(true), retryMs: 1, returnLimitMs: 2000 };

  test('it goes down, refuses, comes back: done once the kernel is the right one', async () => {
    const machine = new RebootingMachine('4.15.0-ml');
    await bootKernel(machine, '4.15.0-ml', context, options);
    expect(machine).toMatchObject({ ordered: true, boots: 1 });
    expect(machine.disconnected).toBeGreaterThan(0);
  });

  test('the kernel that runs already needs no boot', async () => {
    const machine = new RebootingMachine('');
    await bootKernel(machine, '6.1.0-18-amd64', context, options);
    expect(machine.ordered).toBe(false);
  });

  test('no consent, no boot', async () => {
    const machine = new RebootingMachine('4.15.0-ml');
    const asked: string[] = [];
    const consent = (question: string) => {
      asked.push(question);
      return Promise.resolve(false);
    };
    await expect(bootKernel(machine, '4.15.0-ml', context, { ...options, consent })).rejects.toMatchObject({
      code: 'cancelled',
    });
    expect(machine.ordered).toBe(false);
    expect(asked).toEqual([expect.stringContaining('Reboot it now into 4.15.0-ml')]);
  });

  test('a machine that cannot be told what to boot, or lacks the kernel, is not rebooted', async () => {
    const mute = new RebootingMachine('4.15.0-ml', []);
    await expect(bootKernel(mute, '4.15.0-ml', context, options)).rejects.toMatchObject({
      code: 'remote-failed',
      message: expect.stringMatching(/^lab: Neither grub-reboot/) as string,
    });
    const lacking = new RebootingMachine('9.9.9');
    await expect(bootKernel(lacking, '9.9.9', context, options)).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringContaining('It has 6.1.0-18-amd64, 4.15.0-ml.') as string,
    });
    expect([mute.ordered, lacking.ordered]).toEqual([false, false]);
  });

  test('another kernel came up: a failure that says so', async () => {
    const machine = new RebootingMachine('6.9.0');
    await expect(bootKernel(machine, '4.15.0-ml', context, options)).rejects.toMatchObject({
      code: 'remote-failed',
      message: expect.stringContaining('came back with the kernel 6.9.0 instead of 4.15.0-ml') as string,
    });
  });

  test('it never comes back: a failure with the limit', async () => {
    const machine = new RebootingMachine('4.15.0-ml');
    const stuck = Object.assign(machine, {
      run: <T>(what: string, work: (connection: Connection, signal: AbortSignal) => Promise<T>) =>
        machine.ordered
          ? Promise.reject<T>(new Error('no route to host'))
          : (RebootingMachine.prototype.run.call(machine, what, work as never) as Promise<T>),
    });
    await expect(
      bootKernel(stuck, '4.15.0-ml', context, { ...options, returnLimitMs: 50 }),
    ).rejects.toMatchObject({
      code: 'timed-out',
      message: expect.stringContaining('no route to host') as string,
    });
  });
});
