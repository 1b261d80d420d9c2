/** Worker thread that decodes stretches of a source for the thread that owns the trace. */
import { parentPort } from 'node:worker_threads';
import { messageOf } from '../base/errors.js';
import { importerNamed } from '../trace/detect.js';
import type { DecodedSlice } from '../trace/importers/importer.js';
import type { SliceAnswer, SliceTask } from './sliceMessages.js';

const port = parentPort;
if (port === null) throw new Error('This program is a worker thread of the extension.');

port.on('message', ({ id, format, bytes }: SliceTask) => {
  try {
    const importer = importerNamed(format);
    const slice = importer.kind === 'stream' ? importer.decodeSlice?.(bytes) : undefined;
    const moved = slice === undefined ? [] : buffersOf(slice);
    port.postMessage({ id, bytes, slice } satisfies SliceAnswer, [bytes.buffer, ...moved]);
  } catch (error) {
    port.postMessage({ id, bytes, slice: undefined, failure: messageOf(error) } satisfies SliceAnswer);
  }
});

/** The columns go over without a copy. */
function buffersOf({ content }: DecodedSlice): ArrayBuffer[] {
  return Object.values(content.rows).flatMap((column: unknown) =>
    ArrayBuffer.isView(column) && column.buffer instanceof ArrayBuffer ? [column.buffer] : [],
  );
}
