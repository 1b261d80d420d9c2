/**
 * What babeltrace2 prints of a CTF trace, for comparing:
 *
 *     [1539783996.179110808] host sched_switch: { cpu_id = 1 }, { tid = 0 }, { prev_comm = "swapper/1", prev_tid = 0, … }
 */
import { execFileSync, spawnSync } from 'node:child_process';

export const hasBabeltrace = spawnSync('babeltrace2', ['--version']).status === 0;

export interface PrintedEvent {
  readonly ns: bigint;
  readonly name: string;
  readonly cpu: number;
  /** Its own fields: numbers as decimal text, texts as they are; nested ones are left out. */
  readonly fields: ReadonlyMap<string, string>;
}

export interface PrintedTrace {
  readonly events: readonly PrintedEvent[];
  /** `Tracer discarded N events`: the numbers, in the order in which they are told. */
  readonly discarded: readonly number[];
  /** How often it says `Tracer may have discarded events`: in the first packet of a stream. */
  readonly maybeDiscarded: number;
  /** How often it says `Tracer discarded N packets`. */
  readonly packetGaps: number;
}

export function printedTrace(folder: string): PrintedTrace {
  const { stdout, stderr, status } = spawnSync('babeltrace2', ['--clock-seconds', '--no-delta', folder], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(`babeltrace2 failed: ${stderr}`);
  const discarded = [...stderr.matchAll(/Tracer discarded (\d+) events?/g)].map(([, count]) => Number(count));
  const maybeDiscarded = [...stderr.matchAll(/Tracer may have discarded events?/g)].length;
  const packetGaps = [...stderr.matchAll(/Tracer discarded \d+ packets?/g)].length;
  return {
    events: stdout.split('\n').filter(Boolean).map(parseEvent),
    discarded,
    maybeDiscarded,
    packetGaps,
  };
}

/** Rewrites a trace by babeltrace2's own CTF writer, into a folder below `to`. */
export function rewriteByBabeltrace(from: string, to: string): void {
  execFileSync('babeltrace2', ['convert', from, '--output-format=ctf', `--output=${to}`], {
    stdio: 'ignore',
  });
}

function parseEvent(line: string): PrintedEvent {
  const match = /^\[(\d+)\.(\d{9})\] (?:[^ ]+ )??((?:sched:|irq:)?\w+): \{ cpu_id = (\d+) \}, (.*)$/.exec(
    line,
  );
  if (match === null) throw new Error(`not understood: ${line}`);
  const [, seconds, nanoseconds, name, cpu, rest] = match;
  return {
    ns: BigInt(`${seconds!}${nanoseconds!}`),
    name: name!,
    cpu: Number(cpu),
    fields: parseFields(rest!),
  };
}

/** Fields of the last `{ … }`; those of nested ones are passed over. */
function parseFields(text: string): Map<string, string> {
  let fields = new Map<string, string>();
  const word = /\{|\}|([\w[\]]+) = (?:"((?:[^"\\]|\\.)*)"|(-?\w[\w.+-]*)|(?=\{|\())|[\s,()[\]:]+|[^\s]/gy;
  let depth = 0;
  for (const [all, name, string, number] of text.matchAll(word)) {
    if (all === '{') {
      depth += 1;
      if (depth === 1) fields = new Map();
    } else if (all === '}') depth -= 1;
    else if (name !== undefined && depth === 1) {
      if (string !== undefined) fields.set(name, string.replace(/\\(.)/g, '$1'));
      else if (number !== undefined) {
        fields.set(name, /^-?(?:0x)?[0-9A-Fa-f]+$/.test(number) ? String(BigInt(number)) : number);
      }
    }
  }
  return fields;
}
