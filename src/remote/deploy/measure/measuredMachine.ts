import { machineMeta } from '../../collect/machineMeta.js';
import type { Connection } from '../../connection.js';
import { printableText } from '../../printableText.js';
import type { RemoteContext } from '../../remoteContext.js';
import { outputOf } from '../../runCommand.js';
import { shellProgram } from '../../shellCommand.js';
import type { MeasuredMachine } from './measured.js';

const PROGRAM = [
  'LC_ALL=C',
  'echo "virtualisation=$(systemd-detect-virt 2>/dev/null)"',
  'echo "clock=$(cat /sys/devices/system/clocksource/clocksource0/current_clocksource 2>/dev/null)"',
].join('\n');

/** What figures of a machine have to be read with. Read only. Failures: those of a command there. */
export async function measuredMachine(
  connection: Connection,
  context: RemoteContext,
  signal: AbortSignal,
): Promise<MeasuredMachine> {
  const meta = await machineMeta(connection, context, signal);
  const printed = await outputOf(connection, 'Asking what the machine is', shellProgram(PROGRAM), {
    signal,
    maxOutputBytes: 4096,
  });
  const told = (key: string) => {
    const line = printed.split('\n').find((each) => each.startsWith(`${key}=`));
    const value = printableText((line ?? '').slice(key.length + 1), 100).trim();
    return value === '' ? null : value;
  };
  return {
    name: meta.name,
    kernel: meta.kernelRelease ?? '',
    cpuModel: meta.cpuModel,
    cpus: meta.cpusOnline,
    virtualisation: told('virtualisation'),
    clockSource: told('clock'),
  };
}

/**
 * What kind of machine it is where that is not the hardware itself: `QEMU without hardware's help (TCG)`; null: it is, or it does
 * not tell.
 */
export function virtualName({ virtualisation, cpuModel }: MeasuredMachine): string | null {
  // QEMU names its own processor so, whatever it offers the guest beside it.
  if (virtualisation === 'qemu' || /\bTCG\b/.test(cpuModel ?? '')) {
    return "QEMU without hardware's help (TCG)";
  }
  if (virtualisation === null || virtualisation === 'none') return null;
  return `virtualised by ${virtualisation}`;
}

/** For the head of a file of latencies, from which the panel of latencies warns: `QEMU … · 4 CPUs`. */
export function machineLine(machine: MeasuredMachine): string {
  const parts = [machine.name, virtualName(machine), machine.cpuModel];
  if (machine.cpus !== null) parts.push(`${machine.cpus} CPUs`);
  return parts.filter((part) => part !== null && part !== '').join(' · ');
}
