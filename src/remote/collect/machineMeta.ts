import { Failure } from '../../base/errors.js';
import type { MachineMeta } from '../artifacts/recordingMeta.js';
import type { Connection } from '../connection.js';
import { printableText } from '../printableText.js';
import type { RemoteContext } from '../remoteContext.js';
import { outputOf } from '../runCommand.js';
import { shellProgram } from '../shellCommand.js';

const LONGEST_FACT = 300;

/** What a recording's description tells of the machine, by `machine-facts.sh`. What it does not say is null. */
export async function machineMeta(
  connection: Connection,
  context: RemoteContext,
  signal: AbortSignal,
): Promise<MachineMeta> {
  const command = shellProgram(context.programs.text('machine-facts'));
  const printed = await outputOf(connection, 'Asking about the machine', command, {
    signal,
    maxOutputBytes: 65_536,
  });
  return parseMachineFacts(connection.destination, printed);
}

/** Lines `KEY=VALUE`. Failure `remote-failed` when nothing of it can be read. */
export function parseMachineFacts(name: string, printed: string): MachineMeta {
  const facts = new Map<string, string>();
  for (const line of printed.split('\n')) {
    const match = /^([A-Za-z]{1,30})=(.{1,2000})$/.exec(line);
    if (match !== null) facts.set(match[1]!, printableText(match[2]!, LONGEST_FACT));
  }
  if (!facts.has('kernelRelease')) {
    throw new Failure('remote-failed', `${name} does not say which kernel it runs: is it a Linux machine?`);
  }
  const text = (key: string) => facts.get(key) ?? null;
  const count = (key: string) => countOf(facts.get(key));
  const memoryKb = count('memoryKb');
  return {
    name,
    hostname: text('hostname'),
    kernelRelease: text('kernelRelease'),
    kernelVersion: text('kernelVersion'),
    architecture: text('architecture'),
    distribution: text('distribution'),
    cpusOnline: count('cpusOnline'),
    cpuModel: text('cpuModel'),
    topology: topologyOf(count('sockets'), count('cores'), count('threads'), count('numaNodes')),
    memoryBytes: memoryKb === null ? null : memoryKb * 1024,
    bootId: text('bootId'),
  };
}

function topologyOf(
  sockets: number | null,
  cores: number | null,
  threads: number | null,
  numaNodes: number | null,
): MachineMeta['topology'] {
  if (sockets === null || cores === null || threads === null || cores === 0) return null;
  return { sockets, cores, threadsPerCore: Math.round(threads / cores), numaNodes };
}

function countOf(digits: string | undefined): number | null {
  return digits !== undefined && /^\d{1,15}$/.test(digits) ? Number(digits) : null;
}
