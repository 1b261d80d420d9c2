import type { ByteSource } from '../../base/byteSource.js';
import { throwIfCancelled } from '../../base/cancellation.js';
import { Failure, isFailure } from '../../base/errors.js';
import { decompress } from '../compression.js';
import { LineSession } from '../importers/text/lineSession.js';
import { LatencyText } from './latencyText.js';

export interface LatencyTextFile {
  readonly text: LatencyText;
  /** Lines that are none of a latency and were left out. The first ones are named in the text's diagnostics. */
  readonly badLines: number;
}

/**
 * Reads latencies from text, gzip, zstd and xz included, in pieces. Failures: those of the byte source, `bad-input` (no line
 * is a latency), `empty-input`, `too-large`, `cancelled`.
 */
export async function readLatencyText(source: ByteSource, signal?: AbortSignal): Promise<LatencyTextFile> {
  const text = new LatencyText();
  const session = new LineSession(text, text);
  try {
    for await (const chunk of decompress(source.chunks(signal), source.name)) {
      throwIfCancelled(signal);
      session.push(chunk);
    }
    session.end();
  } catch (error) {
    if (!isFailure(error) || error.message.includes(source.name)) throw error;
    throw new Failure(error.code, `${source.name}: ${error.message}`, { cause: error });
  }
  if (text.values.size === 0) throw withoutLatencies(source, text, session);
  return { text, badLines: session.unreadLines };
}

function withoutLatencies(source: ByteSource, text: LatencyText, session: LineSession): Failure {
  if (text.kind === 'function_graph') {
    return new Failure(
      'empty-input',
      `${source.name} is of function_graph, but no call in it ended. Record longer, or set the filter to the function that is measured.`,
    );
  }
  if (session.unreadLines === 0) return new Failure('empty-input', `${source.name} holds no latencies.`);
  const first = text.diagnostics.find(({ line }) => line !== undefined);
  const where = first === undefined ? '' : ` Line ${first.line!}: ${first.message}`;
  return new Failure(
    'bad-input',
    `${source.name} holds no latencies: one number a line is read, the text of function_graph, tables of can_migrate_task calls and benchmark results.${where}`,
  );
}
