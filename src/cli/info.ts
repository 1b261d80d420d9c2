import { recogniseDocument } from '../trace/documentKind.js';
import { EVENT_NAMES } from '../trace/model/eventType.js';
import type { EventStore } from '../trace/model/eventStore.js';
import { migrationInfo } from './migrationInfo.js';
import { openInput } from '../trace/recording/openInput.js';
import type { TraceInput } from '../trace/recording/recording.js';
import { readSession, type InputOptions } from './openTrace.js';
import { printLines, stamp, toJson } from './output.js';

export interface InfoOptions extends InputOptions {
  readonly json?: boolean;
}

/** `info FILE…`: what a recording, or a table of migration records, is and holds. */
export async function info(paths: readonly string[], options: InfoOptions): Promise<void> {
  const input = await openInput(paths);
  // Only traces come in several files, or in folders.
  if (!('chunks' in input) || options.format !== undefined) {
    await traceInfo(paths, options, input);
    return;
  }
  const { kind, source } = await recogniseDocument(input);
  if (kind === 'migrationRecords') await migrationInfo(source, options);
  else await traceInfo(paths, options, source);
}

async function traceInfo(paths: readonly string[], options: InfoOptions, input: TraceInput): Promise<void> {
  const session = await readSession(paths, options, input);
  const { store } = session;
  const document = describe(store, session.summary().cpus);
  await printLines(options.json === true ? [toJson(document)] : readable(document));
}

type Description = ReturnType<typeof describe>;

function describe(store: EventStore, cpuList: readonly number[]) {
  const { metadata } = store;
  return {
    format: metadata.format,
    /** Files of a recording that lies in several; losses and remarks name theirs. */
    sources: store.sources,
    properties: Object.fromEntries(metadata.properties),
    /** CPUs with events; `machineCpus` is what the recording says the machine has. */
    cpus: cpuList.length,
    cpuList,
    machineCpus: metadata.cpuCount ?? null,
    startNs: store.baseNs + BigInt(store.startNs),
    endNs: store.baseNs + BigInt(store.endNs),
    events: store.eventCounts(),
    /** Threads (pids) that occur, idle not counted. */
    tasks: store.tasks.threadCount - 1,
    lostEvents: store.lostEventCount(),
    losses: store.losses.map(({ cpu, afterNs, beforeNs, count, line }) => ({
      cpu,
      afterNs: afterNs === undefined ? null : store.baseNs + BigInt(afterNs),
      beforeNs: beforeNs === undefined ? null : store.baseNs + BigInt(beforeNs),
      count: count ?? null,
      ...placeOf(store, line),
    })),
    overwrittenEvents: metadata.overwrittenEvents ?? null,
    remarks: store.diagnostics.map(({ severity, message, line, source }) => ({
      severity,
      message,
      line: line ?? null,
      source: source ?? null,
    })),
  };
}

function placeOf(store: EventStore, place: number) {
  const { line, source } = store.placeOf(place);
  return { line, source: store.sources[source] ?? null };
}

function* readable(document: Description): Generator<string> {
  yield `format         ${document.format}`;
  for (const name of document.sources) yield `file           ${name}`;
  for (const [name, value] of Object.entries(document.properties)) yield `${name.padEnd(14)} ${value}`;
  const machine = document.machineCpus === null ? '' : ` of ${document.machineCpus}`;
  yield `CPUs           ${document.cpus}${machine}`;
  yield `first event    ${stamp(document.startNs)} s`;
  yield `last event     ${stamp(document.endNs)} s`;
  yield `duration       ${stamp(document.endNs - document.startNs)} s`;
  yield `tasks          ${document.tasks}`;
  for (const name of EVENT_NAMES) {
    const count = document.events[name];
    if (count !== undefined) yield `${name.padEnd(20)} ${count}`;
  }
  yield `lost events    ${lost(document)}`;
  yield `overwritten    ${document.overwrittenEvents ?? 'not told by this format'}`;
  for (const { severity, message, line, source } of document.remarks) {
    if (severity !== 'info') continue;
    const file = source === null ? '' : `${source}: `;
    yield `note           ${file}${line === null ? '' : `line ${line}: `}${message}`;
  }
}

function lost(document: Description): string {
  const uncounted = document.losses.filter((loss) => loss.count === null).length;
  const places = document.losses.length === 0 ? '' : ` in ${document.losses.length} places`;
  return `${document.lostEvents}${places}${uncounted === 0 ? '' : `, ${uncounted} of them of unknown number`}`;
}
