import { describe, expect, it } from 'vitest';
import { readFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { gunzipSync } from 'node:zlib';
import { tracefsText } from '../../../src/trace/importers/tracefs/tracefsText.js';
import { EventStore } from '../../../src/trace/model/eventStore.js';
import { readStream } from '../../../src/trace/recording/readStream.js';
import type { SliceDecoders, SliceResult } from '../../../src/trace/recording/sliceDecoders.js';
import { rowTexts } from '../../support/storeRows.js';

const SAMPLES = new URL('../../../samples/', import.meta.url);

/** Decodes as a thread would: from a copy, to what a message can carry. */
class CopyingDecoders implements SliceDecoders {
  readonly count = 2;
  decoded = 0;
  refused = 0;

  decode(format: string, bytes: Uint8Array<ArrayBuffer>): Promise<SliceResult> {
    expect(format).toBe('tracefs-text');
    const slice = tracefsText.decodeSlice!(bytes);
    if (slice === undefined) this.refused += 1;
    else this.decoded += 1;
    return Promise.resolve(structuredClone({ bytes, slice }, { transfer: [bytes.buffer] }));
  }

  close(): void {
    // Nothing runs beside this one.
  }
}

async function read(text: Uint8Array, chunkBytes: number, decoders?: SliceDecoders): Promise<EventStore> {
  const store = new EventStore();
  // eslint-disable-next-line @typescript-eslint/require-await -- as a source gives it
  async function* chunks() {
    for (let at = 0; at < text.length; at += chunkBytes) yield text.subarray(at, at + chunkBytes);
  }
  let steps = 0;
  const count = () => (steps += 1);
  for await (const step of readStream(tracefsText, chunks(), count, store, decoders, undefined)) {
    expect(step).toBe(steps);
  }
  return store;
}

function everythingOf(store: EventStore) {
  const { tasks } = store;
  return {
    rows: rowTexts(store),
    comms: tasks.comms,
    pids: tasks.pids,
    newest: tasks.threadTasks,
    tgids: tasks.threadTgids,
    states: store.states.values(),
    flags: store.flagTexts.values(),
    counts: store.eventCounts(),
    span: [store.baseNs, store.startNs, store.endNs, store.isSorted, store.cpuLimit],
    losses: store.losses,
    diagnostics: store.diagnostics,
    properties: [...store.metadata.properties],
    execFiles: [...store.execFiles],
  };
}

/** A text long enough for several stretches: the recording over and over, later each time. */
function repeated(text: string, copies: number): Uint8Array {
  const all: string[] = [];
  for (let copy = 0; copy < copies; copy += 1) {
    all.push(
      text.replace(
        /^(.{30,60}?\s)(\d+)(\.\d{6}: )/gm,
        (_, before: string, seconds: string, after: string) => {
          return `${before}${Number(seconds) + copy * 100}${after}`;
        },
      ),
    );
  }
  return new TextEncoder().encode(all.join(''));
}

const messaging = execFileSync('xz', ['-dc', new URL('messaging.ftrace.xz', SAMPLES).pathname], {
  maxBuffer: 2 ** 28,
}).toString();
const mixed = gunzipSync(readFileSync(new URL('mixed-io-and-cpu.ftrace.gz', SAMPLES))).toString();
const lossy = readFileSync(new URL('lost-events.ftrace', SAMPLES), 'utf8');

describe('text read by several decoders', () => {
  it('is the same as read from front to back', async () => {
    const text = repeated(messaging, 2);
    const decoders = new CopyingDecoders();
    const parallel = await read(text, 1_000_003, decoders);
    expect(decoders.decoded).toBeGreaterThanOrEqual(3);
    expect(everythingOf(parallel)).toEqual(everythingOf(await read(text, 1_000_003)));
  });

  it('is the same where names change, stretches have header lines, and events were lost', async () => {
    const renamed = messaging.replaceAll('sched-messaging', 'other-messaging');
    const text = Buffer.concat([
      repeated(messaging.slice(0, 9_000_000), 1),
      Buffer.from('\n'),
      repeated(renamed, 1),
      repeated(lossy, 60),
      repeated(mixed, 2),
      repeated(messaging, 1),
    ]);
    const decoders = new CopyingDecoders();
    const parallel = await read(text, 777_777, decoders);
    expect(decoders.refused).toBeGreaterThan(0);
    expect(decoders.decoded).toBeGreaterThan(0);
    expect(everythingOf(parallel)).toEqual(everythingOf(await read(text, 777_777)));
  });

  it('fails as a whole when a decoder breaks', async () => {
    const decoders: SliceDecoders = {
      count: 2,
      decode: () => Promise.reject(new Error('the thread ended')),
      close: () => undefined,
    };
    await expect(read(repeated(messaging, 2), 1_000_000, decoders)).rejects.toThrow('the thread ended');
  });
});
