import * as vscode from 'vscode';
import { installedKernels, type InstalledKernels } from '../../remote/benchmarks/bootKernel.js';
import type { RemoteContext } from '../../remote/remoteContext.js';
import type { TestMachine } from '../machines/testMachine.js';
import { commonReleases, obstacleTo } from './bootableKernels.js';

/** Releases to boot one after the other on each machine; none: whatever runs there. Undefined: the user gave up. */
export async function chooseKernels(
  title: string,
  machines: readonly TestMachine[],
  context: RemoteContext,
): Promise<readonly string[] | undefined> {
  const several = {
    label: 'Several kernels…',
    detail: 'Boots each in turn, after asking; for that boot only',
  };
  const picked = await vscode.window.showQuickPick(
    [{ label: 'The kernel that runs', detail: 'Nothing is rebooted' }, several],
    { title, placeHolder: 'On which kernels?', ignoreFocusOut: true },
  );
  if (picked === undefined) return undefined;
  if (picked !== several) return [];
  const installed = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: 'Listing kernels' },
    () => Promise.all(machines.map((machine) => kernelsOf(machine, context))),
  );
  const obstacle = obstacleTo(machines, installed);
  if (obstacle !== undefined) {
    await vscode.window.showErrorMessage(`Kernels cannot be chosen from here. ${obstacle}`, {
      modal: true,
      detail: 'Boot the kernels by hand, run the benchmarks under each, and compare the files.',
    });
    return undefined;
  }
  const chosen = await vscode.window.showQuickPick(kernelItems(installed), {
    title,
    placeHolder: 'Which kernels?',
    canPickMany: true,
    ignoreFocusOut: true,
  });
  return chosen === undefined || chosen.length === 0 ? undefined : chosen.map(({ label }) => label);
}

/** Asked before each boot: whoever works on the machine is thrown out. */
export async function agreesToBoot(question: string): Promise<boolean> {
  const reboot = 'Reboot';
  const choice = await vscode.window.showWarningMessage(
    'Reboot the machine?',
    { modal: true, detail: question },
    reboot,
  );
  return choice === reboot;
}

function kernelsOf(machine: TestMachine, context: RemoteContext): Promise<InstalledKernels> {
  return machine.run('listing kernels', (connection, signal) =>
    installedKernels(connection, context, false, signal),
  );
}

function kernelItems(installed: readonly InstalledKernels[]): vscode.QuickPickItem[] {
  return commonReleases(installed).map((release) => ({
    label: release,
    description: installed.some(({ running }) => running === release) ? 'runs now' : '',
    picked: true,
  }));
}
