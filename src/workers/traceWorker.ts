/** Worker thread that owns one trace: transport only, the session does the work. */
import { parentPort, workerData } from 'node:worker_threads';
import { TraceSession } from '../analysis/traceSession.js';
import { bytesSource, fileSource, type ByteSource } from '../base/byteSource.js';
import { isFailure, messageOf } from '../base/errors.js';
import { Messenger, type NoRequests } from '../protocol/messenger.js';
import { TRACE_PARAMS, parseTraceParams, type TraceMethod } from '../protocol/traceSchemas.js';
import type { TraceWorkerData, WorkerEvents } from '../protocol/traceWorkerMessages.js';
import { writeExport } from '../trace/exporters/exportTrace.js';
import { readSourceLines } from '../trace/sourceLines.js';

const port = parentPort;
if (port === null) throw new Error('This program is a worker thread of the extension.');

const data = workerData as TraceWorkerData;
const messenger = new Messenger<NoRequests, object>({
  post: (message) => port.postMessage(message),
  receive: (listener) => void port.on('message', listener),
});

const openSource = async (): Promise<ByteSource> => {
  if (data.path !== null) return fileSource(data.path);
  return bytesSource(data.name, data.bytes ?? new Uint8Array(0));
};

const session = new TraceSession(data.name);

for (const method of Object.keys(TRACE_PARAMS) as TraceMethod[]) {
  if (method === 'showLine' || method === 'copyText') continue;
  messenger.handle(method, (params) => session.answer(method, parseTraceParams(method, params)));
}
messenger.handle('sourceLines', async (params) => {
  const { first, last } = params as { first: number; last: number };
  return readSourceLines(await openSource(), first, last);
});
messenger.handle('export', async (params) => {
  const { format, path } = params as { format: string; path: string };
  return { bytes: await writeExport(session.store, format, path) };
});

const send = <K extends keyof WorkerEvents>(name: K, payload: WorkerEvents[K]) =>
  messenger.send(name, payload);

async function load(): Promise<void> {
  try {
    await session.load(await openSource(), { onUpdate: (summary) => send('updated', summary) });
  } catch (error) {
    send('failed', { message: messageOf(error), code: isFailure(error) ? error.code : 'defect' });
  }
}

void load();
