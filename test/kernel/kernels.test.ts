import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  bootKernel,
  installedKernels,
  type BootOptions,
  type InstalledKernels,
} from '../../src/remote/benchmarks/bootKernel.js';
import { Machine } from '../../src/remote/machine.js';
import { CONTEXT, CPUS, KernelMachine, shell, type MachineUser } from './harness/kernelMachine.js';
import { recordMigrations } from './harness/migrationRecording.js';
import { expectSensible } from './harness/sensibleRecords.js';

let computer: KernelMachine;
const machines: Machine[] = [];
beforeAll(() => {
  computer = new KernelMachine();
});
afterEach(() => {
  for (const machine of machines.splice(0)) machine.dispose();
});
afterAll(async () => {
  // The next test file finds the usual kernel.
  const usual = await shell(await computer.connect(), 'ls /boot/vmlinuz-6.1.*');
  const machine = machineAs('root');
  await bootKernel(machine, /vmlinuz-(\S+)/.exec(usual)![1]!, CONTEXT, agreed());
  computer.dispose();
});

function machineAs(user: MachineUser): Machine {
  const machine = new Machine('kernel-machine', () => computer.connect(user));
  machines.push(machine);
  return machine;
}

function agreed(questions: string[] = []): BootOptions {
  return {
    consent: (question) => {
      questions.push(question);
      return Promise.resolve(true);
    },
    returnLimitMs: 280_000,
    retryMs: 2000,
  };
}

function kernelsOf(machine: Machine): Promise<InstalledKernels> {
  return machine.run('Listing kernels', (connection) => installedKernels(connection, CONTEXT));
}

/** The release of a major version that the machine has. */
function releaseOf({ entries }: InstalledKernels, version: string): string {
  return entries.find(({ release }) => release?.startsWith(`${version}.`) === true)!.release!;
}

function uname(machine: Machine): Promise<string> {
  return machine.run('Asking for its kernel', async (connection) =>
    (await shell(connection, 'uname -r')).trim(),
  );
}

describe('kernels to boot', () => {
  test.each<MachineUser>(['root', 'tracer'])('are listed, as %s', async (user) => {
    const machine = machineAs(user);
    const kernels = await kernelsOf(machine);
    expect(kernels.method).toEqual({ kind: 'grub', command: 'grub-reboot' });
    expect(kernels.running).toBe(releaseOf(kernels, '6.1'));
    expect(releaseOf(kernels, '6.12')).toMatch(/^6\.12\.\d+\+deb12-amd64$/);
    expect(kernels.entries.filter(({ title }) => title.includes('recovery'))).toEqual([]);
  });

  test('without consent nothing happens', async () => {
    const machine = machineAs('root');
    const kernels = await kernelsOf(machine);
    const boot = bootKernel(machine, releaseOf(kernels, '6.12'), CONTEXT, {
      consent: () => Promise.resolve(false),
    });
    await expect(boot).rejects.toMatchObject({ code: 'cancelled' });
    expect(await uname(machine)).toBe(kernels.running);
    const boots = bootKernel(machine, '1.2.3', CONTEXT, agreed());
    await expect(boots).rejects.toMatchObject({ code: 'not-found' });
  });

  test(
    'through GRUB, for one boot; the next one is the usual kernel again',
    { timeout: 900_000 },
    async () => {
      const machine = machineAs('tracer');
      const kernels = await kernelsOf(machine);
      const [usual, other] = [releaseOf(kernels, '6.1'), releaseOf(kernels, '6.12')];
      const questions: string[] = [];
      await bootKernel(machine, other, CONTEXT, agreed(questions));
      expect(questions).toHaveLength(1);
      expect(await uname(machine)).toBe(other);
      // While it runs: this kernel numbers the kinds of idleness in another way, and counts what is forced, too.
      const watcher = await computer.connect();
      expectSensible(await recordMigrations(computer, watcher, watcher), CPUS);
      await shell(watcher, 'setsid sh -c "sleep 1; systemctl reboot" </dev/null >/dev/null 2>&1 &');
      await new Promise<void>((resolve) => watcher.onLost(() => resolve()));
      machine.disconnect();
      expect(await uname(machine)).toBe(usual);
    },
  );

  test('by kexec', { timeout: 900_000 }, async () => {
    const machine = machineAs('root');
    const kernels = await kernelsOf(machine);
    const other = releaseOf(kernels, '6.12');
    await bootKernel(machine, other, CONTEXT, { ...agreed(), prefersKexec: true });
    expect(await uname(machine)).toBe(other);
    const args = await machine.run('Reading its arguments', (connection) =>
      shell(connection, 'cat /proc/cmdline'),
    );
    // GRUB would have put itself in front.
    expect(args).not.toContain('BOOT_IMAGE');
  });
});
