/**
 * Text of tracefs: `trace`, `trace_pipe`, `per_cpu/cpuN/trace`, Android's atrace.
 *
 * Source of the format: kernel/trace/trace.c and trace_output.c. Sample:
 *
 *     # tracer: nop
 *     # entries-in-buffer/entries-written: 338613/338613   #P:2
 *           <idle>-0       [001] d.s4.  5630.872217: sched_migrate_task: comm=a pid=2657 prio=120 orig_cpu=0 dest_cpu=1
 *     CPU:1 [LOST 123 EVENTS]
 */
import type { EventStore } from '../../model/eventStore.js';
import { HASH, textOf } from '../text/bytes.js';
import type { Detection, ImportSession, StreamImporter } from '../importer.js';
import { TracefsSession, decodeTracefsSlice } from './tracefsSlices.js';
import { TracefsHeader } from './tracefsHeader.js';

export const tracefsText: StreamImporter = {
  kind: 'stream',
  name: 'tracefs-text',
  label: 'tracefs text (trace, trace_pipe, atrace)',
  detect,
  begin(store: EventStore): ImportSession {
    return new TracefsSession(store);
  },
  decodeSlice: decodeTracefsSlice,
};

function detect(head: Uint8Array): Detection {
  const text = textOf(head, 0, head.length);
  const hasTitle = /^# tracer: \S+\s*$/m.test(text.slice(0, 4096));
  const header = new TracefsHeader();
  let lines = 0;
  let events = 0;
  let at = 0;
  while (at < head.length && lines < 400) {
    const newline = head.indexOf(0x0a, at);
    const end = newline < 0 ? head.length : newline;
    if (end > at && head[at] !== HASH) {
      lines += 1;
      if (header.read(head, at, end, false) && isEventName(head, header.eventStart, end)) events += 1;
    }
    if (newline < 0) break;
    at = newline + 1;
  }
  if (events > 0 && events >= lines * 0.5) return { matches: true, confidence: hasTitle ? 0.95 : 0.8 };
  if (hasTitle && events > 0) return { matches: true, confidence: 0.9 };
  // Nothing but the header: an empty buffer, as that of a CPU that was idle all the time.
  if (hasTitle && lines === 0 && /^# entries-in-buffer/m.test(text))
    return { matches: true, confidence: 0.5 };
  return {
    matches: false,
    reason: hasTitle
      ? 'it has the header "# tracer:", but no event line "task-pid [cpu] flags time: event:" follows'
      : 'no header "# tracer:" and no lines "task-pid [cpu] flags time: event:"',
  };
}

/** tracefs prints bare event names; perf prefixes the system (`sched:`), which is perf's format, not this one. */
function isEventName(line: Uint8Array, start: number, end: number): boolean {
  const match = /^[\w.]+: /.exec(textOf(line, start, Math.min(end, start + 80)) + ' ');
  return match !== null;
}
