import type { Connection } from '../connection.js';
import { printableText } from '../printableText.js';
import type { RemotePrograms } from '../remotePrograms.js';
import { outputOf } from '../runCommand.js';
import { shellProgram } from '../shellCommand.js';
import type { MachineState, SubjectFacts } from './results.js';

const LIMITS = { timeoutMs: 20_000, maxOutputBytes: 64 * 1024 };

/** What a machine is like just now. Read only. Failures: those of `outputOf`. */
export async function machineState(
  connection: Connection,
  programs: RemotePrograms,
  signal?: AbortSignal,
): Promise<MachineState> {
  const text = await outputOf(
    connection,
    'Reading the state of the machine',
    shellProgram(programs.text('benchmark-state')),
    signal === undefined ? LIMITS : { ...LIMITS, signal },
  );
  return parseMachineState(text);
}

/** Lines `KEY VALUE`; what is missing or no number is unknown. */
export function parseMachineState(text: string): MachineState {
  const facts = pairs(text, ' ');
  const temperature = numberOf(facts.get('temperatureMilliC'));
  return {
    kernel: facts.get('kernel') ?? '',
    bootId: facts.get('bootId') ?? '',
    uptimeS: numberOf(facts.get('uptime')),
    loadAverage: (facts.get('load') ?? '')
      .split(' ')
      .flatMap((each) => numberOf(each) ?? [])
      .slice(0, 3),
    governors: (facts.get('governors') ?? '').split(' ').filter(Boolean).slice(0, 64),
    frequencyKhz: numberOf(facts.get('frequencyKhz')),
    temperatureC: temperature === null ? null : temperature / 1000,
    throttleCount: wholeOf(facts.get('throttles')),
    memoryAvailableKb: wholeOf(facts.get('memoryAvailableKb')),
  };
}

/** What a machine is, for the head of the results. */
export async function subjectFacts(
  connection: Connection,
  programs: RemotePrograms,
  signal?: AbortSignal,
): Promise<SubjectFacts> {
  const text = await outputOf(
    connection,
    'Reading what the machine is',
    shellProgram(programs.text('machine-facts')),
    signal === undefined ? LIMITS : { ...LIMITS, signal },
  );
  const facts = pairs(text, '=');
  return {
    kernelVersion: facts.get('kernelVersion') ?? '',
    architecture: facts.get('architecture') ?? '',
    cpuModel: facts.get('cpuModel') ?? '',
    cpus: wholeOf(facts.get('cpusOnline')),
    memoryKb: wholeOf(facts.get('memoryKb')),
    distribution: facts.get('distribution') ?? '',
  };
}

function pairs(text: string, separator: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const line of printableText(text, LIMITS.maxOutputBytes).split('\n')) {
    const at = line.indexOf(separator);
    if (at > 0)
      found.set(
        line.slice(0, at),
        line
          .slice(at + 1)
          .trim()
          .slice(0, 1000),
      );
  }
  return found;
}

function numberOf(text: string | undefined): number | null {
  return text !== undefined && /^-?\d{1,15}(\.\d{1,9})?$/.test(text) ? Number(text) : null;
}

function wholeOf(text: string | undefined): number | null {
  const value = numberOf(text);
  return value !== null && Number.isInteger(value) && value >= 0 ? value : null;
}
