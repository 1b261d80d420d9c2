/** Worker thread that owns one trace or table of migration records: transport only, the sessions do the work. */
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { TraceSession } from '../analysis/traceSession.js';
import { bytesSource, fileSource, type ByteSource } from '../base/byteSource.js';
import { Failure, isFailure, messageOf } from '../base/errors.js';
import { Messenger, type NoRequests } from '../protocol/messenger.js';
import { HOST_METHODS, type HostMethod } from '../protocol/traceMessages.js';
import { TRACE_PARAMS, parseTraceParams, type TraceMethod } from '../protocol/traceSchemas.js';
import type {
  HostTraceRequests,
  TraceWorkerData,
  WorkerEvents,
  WorkerFile,
} from '../protocol/traceWorkerMessages.js';
import { writeExport } from '../trace/exporters/exportTrace.js';
import { recogniseDocument } from '../trace/documentKind.js';
import { openInput } from '../trace/recording/openInput.js';
import type { TraceInput } from '../trace/recording/recording.js';
import { readSourceLines } from '../trace/sourceLines.js';
import { CompanionRecords, type CompanionFile } from './companionRecords.js';
import { RecordsEndpoint } from './recordsEndpoint.js';
import { SliceThreads } from './sliceThreads.js';

const port = parentPort;
if (port === null) throw new Error('This program is a worker thread of the extension.');

const data = workerData as TraceWorkerData;
const messenger = new Messenger<NoRequests, object>({
  post: (message) => port.postMessage(message),
  receive: (listener) => void port.on('message', listener),
});

/** The files of the trace: all but the migration records among them. */
let traceFiles = data.files;

const openFile = async ({ name, path, bytes }: WorkerFile): Promise<ByteSource> =>
  path === null ? bytesSource(name, bytes ?? new Uint8Array(0)) : fileSource(path);

/** One of the files, to read some of it. */
const openSource = async (index = 0): Promise<ByteSource> => {
  const file = traceFiles[index];
  const inFolder = session.store.sources[index];
  if (data.folder !== null && inFolder !== undefined) return fileSource(inFolder);
  if (file === undefined) throw new Failure('not-found', `${data.name} has no such file.`);
  return openFile(file);
};

/** All of the recording. */
const openRecording = async (): Promise<TraceInput> => {
  if (data.folder !== null) return openInput([data.folder]);
  const paths = traceFiles.flatMap(({ path }) => path ?? []);
  if (paths.length === traceFiles.length) return openInput(paths, true);
  const sources = await Promise.all(traceFiles.map(openFile));
  return sources.length === 1 ? sources[0]! : sources;
};

/** Which of several files opened as one are migration records. Where all are, none is: there is no trace to lay them on. */
async function recordFilesAmong(files: readonly WorkerFile[]): Promise<number[]> {
  if (files.length < 2) return [];
  const found: number[] = [];
  for (const [index, file] of files.entries()) {
    // What cannot be opened is told about when the trace is read.
    const document = await openFile(file)
      .then(recogniseDocument)
      .catch(() => undefined);
    if (document?.kind === 'migrationRecords') found.push(index);
  }
  return found.length === files.length ? [] : found;
}

const companionOf =
  (origin: CompanionFile['origin']) =>
  (file: WorkerFile): CompanionFile => ({ name: file.path ?? file.name, origin, open: () => openFile(file) });

const session = new TraceSession(data.name);
const companions = new CompanionRecords(session, (told) => send('migrationsUpdated', told));
/** Of the export that is going on. */
let exportCancellation: AbortController | undefined;
const records = new RecordsEndpoint(data.name, messenger, () => openSource());

function isHostMethod(method: TraceMethod): method is HostMethod {
  return (HOST_METHODS as readonly string[]).includes(method);
}

for (const method of Object.keys(TRACE_PARAMS) as TraceMethod[]) {
  if (isHostMethod(method)) continue;
  messenger.handle(method, (params) => session.answer(method, parseTraceParams(method, params)));
}
messenger.handle('sourceLines', async (params) => {
  const { source, first, last } = params as HostTraceRequests['sourceLines']['params'];
  return readSourceLines(await openSource(source), first, last);
});
messenger.handle('sourcePath', (params) => {
  const { source } = params as HostTraceRequests['sourcePath']['params'];
  return session.store.sources[source] ?? null;
});
messenger.handle('export', async (params) => {
  const { format, path, range, cpu } = params as HostTraceRequests['export']['params'];
  if (exportCancellation !== undefined) {
    throw new Failure('wrong-usage', 'This trace is being exported already: wait until that is done.');
  }
  exportCancellation = new AbortController();
  try {
    return await writeExport(session.store, {
      format,
      path,
      range: range ?? undefined,
      cpu: cpu ?? undefined,
      signal: exportCancellation.signal,
      onProgress: (share) => send('exporting', { share }),
    });
  } finally {
    exportCancellation = undefined;
  }
});
messenger.handle('addRecords', async (params) => {
  const { files } = params as HostTraceRequests['addRecords']['params'];
  await companions.add(files.map(companionOf('added')));
  return null;
});
messenger.handle('cancelExport', () => {
  exportCancellation?.abort();
  return null;
});

const send = <K extends keyof WorkerEvents>(name: K, payload: WorkerEvents[K]) =>
  messenger.send(name, payload);

/** What is known to belong to the trace, and what its description leads to. */
function addCompanions(recordFiles: readonly number[]): void {
  void companions.add(recordFiles.map((index) => companionOf('opened')(data.files[index]!)));
  void companions.add(data.records.map(companionOf('added')));
  const [first] = traceFiles;
  if (traceFiles.length === 1 && first !== undefined && first.path !== null) companions.find(first.path);
}

async function load(): Promise<void> {
  // Ending this thread ends those that it started.
  const decoders = new SliceThreads(join(__dirname, 'sliceWorker.cjs'));
  try {
    const recordFiles = await recordFilesAmong(data.files);
    traceFiles = data.files.filter((_, index) => !recordFiles.includes(index));
    const opened = await openRecording();
    // Only traces lie in several files, or in folders.
    const { kind, source } =
      'chunks' in opened ? await recogniseDocument(opened) : ({ kind: 'trace', source: opened } as const);
    send('recognised', { kind, recordFiles });
    if (kind === 'trace') {
      await session.load(source, { decoders, onUpdate: (summary) => send('updated', summary) });
      companions.begin();
      addCompanions(recordFiles);
    } else await records.load(source, (state) => send('recordsUpdated', state));
  } catch (error) {
    send('failed', { message: messageOf(error), code: isFailure(error) ? error.code : 'defect' });
  } finally {
    decoders.close();
  }
}

void load();
