import { closeSync, openSync, writeSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileSource } from '../../src/base/byteSource.js';
import { importTrace } from '../../src/trace/importTrace.js';
import { EVENT_NAMES, EventType } from '../../src/trace/model/eventType.js';
import type { EventStore } from '../../src/trace/model/eventStore.js';
import type { RawEvent } from '../support/ringBufferWriter.js';
import { DEFAULT_DAT, bufferOf, writeTraceDat, type WrittenBuffer } from '../support/traceDatWriter.js';

const SAMPLE = resolve('samples/messaging.ftrace.xz');
const { pageBytes } = DEFAULT_DAT;
const TABLE_TITLE = new TextEncoder().encode('flyrecord\0');
const STATE_BITS: Readonly<Record<string, number>> = { S: 1, D: 2, T: 4, t: 8, X: 16, Z: 32, P: 64, I: 128 };

/**
 * Writes a trace.dat (version 6) of about `sizeBytes`: the events of the sample recording in pages as the kernel makes
 * them, over and over, each time later. Returns the number of events.
 */
export async function writeBigTraceDat(path: string, sizeBytes: number): Promise<number> {
  const store = await importTrace(await fileSource(SAMPLE));
  const buffer = bufferOf(rawEvents(store), DEFAULT_DAT);
  const whole = writeTraceDat([buffer], { ...DEFAULT_DAT, comms: comms(store) });
  const pagesBytes = buffer.cpus.reduce((sum, pages) => sum + pages.length, 0);
  const copies = Math.max(1, Math.round(sizeBytes / pagesBytes));
  const spanNs = BigInt(Math.ceil(store.endNs - store.startNs) + 1_000_000);
  const head = headFor(whole, buffer, copies);
  const file = openSync(path, 'w');
  try {
    writeSync(file, head);
    for (const pages of buffer.cpus) {
      const copy = pages.slice();
      const view = new DataView(copy.buffer);
      for (let i = 0; i < copies; i += 1) {
        writeSync(file, copy);
        for (let at = 0; at < copy.length; at += pageBytes) {
          view.setBigUint64(at, view.getBigUint64(at, true) + spanNs, true);
        }
      }
    }
  } finally {
    closeSync(file);
  }
  return store.length * copies;
}

/** Everything before the pages, with the table of where the copies of each CPU's pages lie. */
function headFor(whole: Uint8Array, { cpus }: WrittenBuffer, copies: number): Uint8Array {
  const table = whole.length - indexOfTable(whole);
  const view = new DataView(whole.buffer, whole.byteOffset);
  let entry = whole.length - table + TABLE_TITLE.length;
  const firstPage = Number(view.getBigUint64(entry, true));
  let at = firstPage;
  for (const pages of cpus) {
    view.setBigUint64(entry, BigInt(at), true);
    view.setBigUint64(entry + 8, BigInt(pages.length * copies), true);
    at += pages.length * copies;
    entry += 16;
  }
  return whole.subarray(0, firstPage);
}

function indexOfTable(whole: Uint8Array): number {
  const at = Buffer.from(whole.buffer, whole.byteOffset, whole.length).indexOf(TABLE_TITLE);
  if (at < 0) throw new Error('The written trace.dat has no table of data.');
  return at;
}

function rawEvents(store: EventStore): RawEvent[][] {
  const byCpu: RawEvent[][] = Array.from({ length: store.cpuLimit }, () => []);
  for (let row = 0; row < store.length; row += 1) {
    const fields = fieldsOf(store, row);
    if (fields === undefined) continue;
    const common = { common_pid: store.tasks.pids[store.actor[row]!] ?? 0, common_flags: 1 };
    byCpu[store.cpu[row]!]!.push({
      time: store.absoluteNs(row),
      name: EVENT_NAMES[store.type[row]!]!,
      fields: { ...common, ...fields },
    });
  }
  return byCpu;
}

function fieldsOf(store: EventStore, row: number): RawEvent['fields'] | undefined {
  const { pids, comms: names } = store.tasks;
  const actor = store.actor[row]!;
  const subject = store.subject[row]!;
  const arg = store.arg[row]!;
  const about = { comm: names[subject]!, pid: pids[subject]!, prio: store.subjectPrio[row]! };
  switch (store.type[row]) {
    case EventType.Switch:
      return {
        prev_comm: names[actor]!,
        prev_pid: pids[actor]!,
        prev_prio: store.actorPrio[row]!,
        prev_state: stateBits(store.states.get(store.state[row]!)),
        next_comm: about.comm,
        next_pid: about.pid,
        next_prio: about.prio,
      };
    case EventType.Migrate:
      return { ...about, orig_cpu: Math.floor(arg / 65536), dest_cpu: arg % 65536 };
    case EventType.Wakeup:
    case EventType.WakeupNew:
    case EventType.Waking:
      return { ...about, target_cpu: arg };
    case EventType.StatRuntime:
      return { comm: about.comm, pid: about.pid, runtime: BigInt(arg) };
    default:
      // Few: they do not count for a measurement.
      return undefined;
  }
}

function stateBits(text: string): number {
  const letters = text.replace('+', '').split('|');
  const preempted = text.endsWith('+') ? 0x100 : 0;
  return letters.reduce((bits, letter) => bits | (STATE_BITS[letter] ?? 0), preempted);
}

function comms({ tasks }: EventStore): [number, string][] {
  return tasks.threadPids.flatMap((pid, thread): [number, string][] =>
    pid === 0 ? [] : [[pid, tasks.threadComm(thread)]],
  );
}
