/**
 * SchedViz collections: the raw ring buffers of a machine with what is needed to read them, as a .tar.gz or unpacked.
 * Source: util/trace.sh and server/fs_upload_file.go of google/schedviz.
 *
 *     metadata.textproto                     trace_type: FTRACE (older ones have none)
 *     formats/header_page                    of tracefs' events/
 *     formats/sched/sched_switch/format      …
 *     topology/node0/cpu0/topology/core_id   …
 *     traces/cpu0                            per_cpu/cpu0/trace_pipe_raw, see ringBuffer.ts
 */
import { Failure } from '../../../base/errors.js';
import type { RandomAccess } from '../../../base/randomAccess.js';
import { eventTypeOf } from '../../model/eventType.js';
import type { EventStore } from '../../model/eventStore.js';
import type { Detection, FolderImporter, ImportSteps, TraceFolder } from '../importer.js';
import { parseEventFormat, type EventFormat } from '../tracepoint/eventFormat.js';
import { FilePages } from '../tracepoint/filePages.js';
import { parseHeaderPage, type HeaderPage } from '../tracepoint/headerPage.js';
import { CompiledRecords } from '../tracepoint/compiledRecords.js';
import { addFormats, knownIds, readRingBuffers, SCHED_EVENTS } from '../tracepoint/readRingBuffers.js';
import {
  MAX_CPUS,
  NANOSECOND_CLOCK,
  RingBufferStream,
  RingBufferTally,
  type PageLayout,
} from '../tracepoint/ringBuffer.js';
import { SchedRecordReader } from '../tracepoint/schedRecord.js';

/** Descriptions are some hundred bytes. */
const MAX_TEXT_BYTES = 1024 * 1024;
/** A kernel has one of each event. */
const MAX_FORMATS = 64;

export const schedViz: FolderImporter = {
  kind: 'folder',
  name: 'schedviz',
  label: 'SchedViz collection (.tar.gz)',
  detect,
  detectFolder,
  read,
};

/** `metadata.textproto` alone: the folder that it lies in is meant. */
function detect(head: Uint8Array): Detection {
  const text = new TextDecoder('latin1').decode(head.subarray(0, 4096));
  if (/^(?:\s*#[^\n]*\n)*\s*trace_type\s*:\s*\w+/.test(text)) return { matches: true, confidence: 0.9 };
  return { matches: false, reason: 'it is neither an archive nor the file metadata.textproto of one' };
}

function detectFolder(paths: readonly string[]): Detection {
  if (rootOf(paths) !== undefined) return { matches: true, confidence: 1 };
  return {
    matches: false,
    reason: 'no files formats/header_page and traces/cpu0 (cpu1, …)',
  };
}

/** What stands before `formats/` and `traces/`, with `/`: archives may have a folder around all. */
function rootOf(paths: readonly string[]): string | undefined {
  for (const path of paths) {
    const root = /^((?:.*\/)?)(?:formats\/header_page|ebpf_trace)$/.exec(path)?.[1];
    if (root === undefined) continue;
    if (path.endsWith('ebpf_trace') || paths.some((each) => cpuOf(each, root) !== undefined)) return root;
  }
  return undefined;
}

function cpuOf(path: string, root: string): number | undefined {
  if (!path.startsWith(`${root}traces/`)) return undefined;
  const number = /^cpu(\d{1,5})$/.exec(path.slice(root.length + 'traces/'.length))?.[1];
  return number === undefined || Number(number) >= MAX_CPUS ? undefined : Number(number);
}

function* read(folder: TraceFolder, store: EventStore): ImportSteps {
  store.metadata.capabilities = { ...store.metadata.capabilities, textLines: false };
  const root = rootOf(folder.paths);
  if (root === undefined) {
    throw new Failure(
      'bad-input',
      `${folder.name} is no whole SchedViz collection: the files formats/header_page and traces/cpu0 (cpu1, …) are missing.`,
    );
  }
  requireFtrace(folder, root);
  const header = headerOf(folder, root);
  const cpus = folder.paths.flatMap((path) => {
    const cpu = cpuOf(path, root);
    return cpu === undefined ? [] : [{ cpu, file: folder.open(path) }];
  });
  cpus.sort((a, b) => a.cpu - b.cpu);
  const layout: PageLayout = { ...header, isLittleEndian: isLittleEndian(cpus, header) };
  const fileBytes = cpus.reduce((sum, { file }) => sum + file.sizeBytes, 0);
  const compiled = layout.isLittleEndian ? CompiledRecords.of(store, fileBytes) : undefined;
  const reader = new SchedRecordReader(store, { ...layout, decoder: compiled?.decoder });
  if (addFormats(reader, formatsOf(folder, root), store) === 0) {
    throw new Failure(
      'bad-input',
      `${folder.name} describes none of the events that are shown here (${SCHED_EVENTS}): its folder formats/ has no readable file of them.`,
    );
  }
  describeMachine(store, folder, root, layout, cpus.length);
  const shared = { store, reader, tally: new RingBufferTally(), compiled };
  const context = { ...shared, layout, clock: NANOSECOND_CLOCK };
  const knowsId = knownIds(reader);
  compiled?.describe(reader, knowsId);
  const streams = cpus.map(({ cpu, file }) => {
    const pages = new FilePages(file, 0, file.sizeBytes, layout.pageBytes, cpus.length);
    return new RingBufferStream(cpu, pages, knowsId, context);
  });
  yield* readRingBuffers(streams, shared);
}

/** Collections can also hold what a bpftrace script printed. */
function requireFtrace(folder: TraceFolder, root: string): void {
  const path = `${root}metadata.textproto`;
  const type = folder.paths.includes(path)
    ? /^\s*trace_type\s*:\s*(\w+)/m.exec(textOf(folder, path))?.[1]
    : undefined;
  if (folder.paths.includes(`${root}formats/header_page`) && type !== 'EBPF') return;
  throw new Failure(
    'bad-input',
    `${folder.name} is a SchedViz collection made with eBPF, which is not read. Record with SchedViz's util/trace.sh instead.`,
  );
}

function textOf(folder: TraceFolder, path: string): string {
  return new TextDecoder().decode(folder.open(path).read(0, MAX_TEXT_BYTES));
}

function headerOf(folder: TraceFolder, root: string): HeaderPage {
  const header = parseHeaderPage(textOf(folder, `${root}formats/header_page`));
  if (header !== undefined) return header;
  throw new Failure(
    'bad-input',
    `${folder.name}: the file ${root}formats/header_page is damaged, or describes pages of another form than is known. Record again.`,
  );
}

function formatsOf(folder: TraceFolder, root: string): EventFormat[] {
  const paths = folder.paths.filter((path) => {
    const name = /\/([^/]+)\/format$/.exec(path)?.[1];
    return path.startsWith(`${root}formats/`) && name !== undefined && eventTypeOf(name) !== undefined;
  });
  return paths.slice(0, MAX_FORMATS).flatMap((path) => parseEventFormat(textOf(folder, path)) ?? []);
}

/**
 * Nothing tells the byte order, but the beginning of a page does: the size of its events must fit, and is small against
 * the flags that the other half of the number would be. Machines today are little-endian.
 */
function isLittleEndian(
  cpus: readonly { readonly file: RandomAccess }[],
  { longBytes, pageBytes }: HeaderPage,
): boolean {
  for (const { file } of cpus) {
    const commit = file.read(8, longBytes);
    if (commit.length < longBytes) continue;
    const view = new DataView(commit.buffer, commit.byteOffset, longBytes);
    const littleBytes = view.getUint32(0, true) & 0xfffff;
    const bigBytes = view.getUint32(longBytes - 4, false) & 0xfffff;
    const fits = (bytes: number) => bytes > 0 && bytes <= pageBytes;
    if (fits(littleBytes) !== fits(bigBytes)) return fits(littleBytes);
  }
  return true;
}

function describeMachine(
  { metadata }: EventStore,
  { paths }: TraceFolder,
  root: string,
  { longBytes, isLittleEndian: isLittle }: PageLayout,
  traces: number,
): void {
  metadata.properties.set('machine', `${longBytes * 8}-bit, ${isLittle ? 'little' : 'big'}-endian`);
  const nodes = new Set<string>();
  const known = new Set<string>();
  for (const path of paths) {
    if (!path.startsWith(`${root}topology/`)) continue;
    const [node, cpu] = path.slice(root.length + 'topology/'.length).split('/');
    if (node === undefined || cpu === undefined || !/^cpu\d+$/.test(cpu)) continue;
    nodes.add(node);
    known.add(cpu);
  }
  if (nodes.size > 0) metadata.properties.set('memory nodes', String(nodes.size));
  metadata.cpuCount = Math.max(known.size, traces);
}
