/** Which CTF traces a folder holds, which of them are read, and which of their files continue each other. */
import { Failure } from '../../../base/errors.js';
import type { TraceFolder } from '../importer.js';
import { ClockTime } from './clockTime.js';
import { parseCtfMetadata, type CtfMetadata } from './ctfMetadata.js';
import { FieldMachine } from './fieldMachine.js';
import { readMetadataText } from './metadataText.js';
import { PacketReader } from './packetReader.js';
import { UnreadableType } from './programBuilder.js';
import type { Remarks } from './remarks.js';
import { schedEventType } from './schedFields.js';
import { TraceLayout } from './streamLayout.js';

export interface CtfTrace {
  /** Folder of its files: empty or with `/` at its end. */
  readonly prefix: string;
  readonly layout: TraceLayout;
}

export interface StreamFiles {
  readonly files: readonly PacketReader[];
  readonly machine: FieldMachine;
}

/** `metadata` files, the outermost first. */
export function metadataPaths(paths: readonly string[]): string[] {
  return paths.filter((path) => path === 'metadata' || path.endsWith('/metadata'));
}

/**
 * The traces with scheduler events: one, or several parts of one (LTTng's rotated chunks have the same uuid). Failure
 * `bad-input` when there is none.
 */
export function tracesOf(folder: TraceFolder, remarks: Remarks): CtfTrace[] {
  const traces: CtfTrace[] = [];
  const faults: string[] = [];
  for (const path of metadataPaths(folder.paths)) {
    try {
      const trace = traceAt(folder, path, remarks);
      if (trace !== undefined) traces.push(trace);
    } catch (error) {
      if (!(error instanceof Failure) && !(error instanceof UnreadableType)) throw error;
      faults.push(`${path}: ${error.message}`);
    }
  }
  const [first] = traces;
  if (first === undefined) throw nothingToRead(folder, faults);
  for (const fault of faults) remarks.add('metadata', 'warning', `${fault} This trace is left out.`);
  const parts = partsOf(first, traces);
  for (const { prefix } of traces.filter((trace) => !parts.includes(trace))) {
    remarks.add(
      'recordings',
      'info',
      `Only ${first.prefix === '' ? 'the outermost trace' : first.prefix} is read; ${prefix} is another recording: open it by itself.`,
    );
  }
  return parts;
}

/** Undefined: without scheduler events. */
function traceAt(folder: TraceFolder, path: string, remarks: Remarks): CtfTrace | undefined {
  const { text, fault } = readMetadataText(folder.open(path));
  const metadata = parseCtfMetadata(text);
  const why = fault ?? metadata.fault;
  if (!hasSchedEvents(metadata)) {
    if (why !== undefined) throw new Failure('bad-input', `The metadata cannot be read: ${why}.`);
    const domain = metadata.environment.get('domain');
    const what = domain === 'ust' ? 'is a recording of user space (LTTng-UST)' : 'holds no scheduler events';
    remarks.add(`left ${what}`, 'info', `The trace ${path} ${what}: it is left out.`);
    return undefined;
  }
  if (why !== undefined) {
    remarks.add(
      'fault',
      'error',
      `${path} can only be read up to a fault: ${why}. Events described behind it are unknown.`,
    );
  }
  return { prefix: path.slice(0, -'metadata'.length), layout: new TraceLayout(metadata) };
}

/** Of a kernel: what user space calls `sched_switch` is something else. */
function hasSchedEvents({ environment, streams }: CtfMetadata): boolean {
  if (environment.get('domain') === 'ust') return false;
  for (const { events } of streams.values()) {
    for (const { name } of events.values()) if (schedEventType(name) !== undefined) return true;
  }
  return false;
}

/** Snapshots of a session overlap, so that of these only the first is read. */
function partsOf(first: CtfTrace, traces: readonly CtfTrace[]): CtfTrace[] {
  const { uuid } = first.layout.metadata;
  const isSnapshot = ({ prefix }: CtfTrace) => /(?:^|\/)snapshot-\d/.test(prefix);
  if (uuid === undefined || isSnapshot(first)) return [first];
  return traces.filter((trace) => trace.layout.metadata.uuid === uuid && !isSnapshot(trace));
}

function nothingToRead({ name, paths }: TraceFolder, faults: readonly string[]): Failure {
  const found = metadataPaths(paths);
  const what =
    found.length === 0
      ? 'holds no file "metadata", which describes the data streams of a CTF trace. Choose the folder it lies in.'
      : faults.length > 0
        ? `holds no CTF trace that can be read. ${faults[0]!}`
        : `holds CTF traces (${found.slice(0, 3).join(', ')}), but none with scheduler events of the kernel. Record with "lttng enable-event --kernel 'sched_*'".`;
  return new Failure('bad-input', `${name} ${what}`);
}

/** The data streams with scheduler events; files that continue each other are one. */
export function streamsOf(folder: TraceFolder, traces: readonly CtfTrace[], remarks: Remarks): StreamFiles[] {
  const chains = new Map<string, { path: string; layout: TraceLayout; beginNs: bigint }[]>();
  for (const { prefix, layout } of traces) {
    for (const path of filesBeside(folder.paths, prefix)) {
      const begin = beginOf(folder, path, layout);
      if (begin === undefined) continue;
      const key = begin.instance ?? path;
      const file = { path, layout, beginNs: begin.ns };
      const chain = chains.get(key);
      if (chain === undefined) chains.set(key, [file]);
      else chain.push(file);
    }
  }
  return [...chains.values()].map((chain) => {
    chain.sort((one, other) => (one.beginNs < other.beginNs ? -1 : one.beginNs > other.beginNs ? 1 : 0));
    const machine = new FieldMachine();
    const files = chain.map(
      ({ path, layout }) => new PacketReader(folder.open(path), machine, layout, remarks),
    );
    return { files, machine };
  });
}

/** Data streams lie in the folder of their metadata itself; `index/` holds LTTng's indexes. */
function filesBeside(paths: readonly string[], prefix: string): string[] {
  return paths.filter((path) => {
    if (!path.startsWith(prefix)) return false;
    const name = path.slice(prefix.length);
    return name !== 'metadata' && !name.includes('/') && !name.startsWith('.');
  });
}

/** What the first packet tells; undefined for files without scheduler events. Files that cannot be read are kept. */
function beginOf(folder: TraceFolder, path: string, layout: TraceLayout) {
  const machine = new FieldMachine();
  const reader = new PacketReader(folder.open(path), machine, layout, IGNORED);
  if (!reader.nextPacket()) return { ns: 0n, instance: undefined };
  const { stream, facts } = reader;
  if (stream?.hasSchedEvents !== true) return undefined;
  const instance = facts?.instance === undefined ? undefined : `${stream.id} ${facts.instance}`;
  return { ns: new ClockTime(stream.clock).absoluteNs(machine), instance };
}

/** They come again when the file is read. */
const IGNORED: Pick<Remarks, 'add'> = { add: () => undefined };
