/**
 * The table of `perf sched timehist`; its lines are described in `timehistTextRow.ts`.
 *
 * A row is an interval that has ended: its task was switched out at its time, on its CPU. Who came next stands behind
 * `next:` (option -n), or else in the CPU's next row, when that interval begins where this one ended: its time minus
 * its run time is this time, or one microsecond more, since perf cuts both to microseconds. Otherwise it is unknown. The
 * former is certain; the latter is what perf says, and as right as the recording is complete: perf counts the time of a
 * task whose switches it did not get as run time of the next one.
 * Where rows between were filtered out (-p, -t), the beginning of the interval is a switch of its own, from somebody
 * unknown. Wait time and sch delay are results: no events are made of them. Wakeups are those that -w prints; whether
 * perf took sched_waking or sched_wakeup for them, it does not tell.
 */
import type { EventStore } from '../../model/eventStore.js';
import { EventType } from '../../model/eventType.js';
import type { Detection, ImportSession, StreamImporter } from '../importer.js';
import { textOf } from '../text/bytes.js';
import { LineSession, type LineReader } from '../text/lineSession.js';
import { TimehistRows } from './timehistRows.js';
import { MAX_VISUAL, TimehistColumns, lossOf } from './timehistTextRow.js';

/** Behind this, and the picture of the CPUs, stands nothing but the call chain. */
const MAX_ROW_BYTES = 512;
/** What perf prints before the table, and its second and third line. */
const REMARK =
  /^(?:Samples (?:do not have|of .* event do not have) callchains|No kallsyms or vmlinux|Samples have kernel callchains|WARNING: |Warning:|\[[\w.-]+\] with build id|[-\s]+$|\s+\[tid\/pid\]\s|.* failed to|\s*$)/;
const SUMMARY = /^(?:Runtime summary|Terminated tasks:|Idle stats:|Idle-time summary|\s*Idle stats)/;

export const timehistText: StreamImporter = {
  kind: 'stream',
  name: 'perf-timehist',
  label: 'perf sched timehist text',
  detect,
  begin(store: EventStore): ImportSession {
    store.metadata.capabilities = { wakeups: false, prevState: false, priorities: false, textLines: true };
    return new LineSession(store, new TimehistTextReader(store));
  },
};

function detect(head: Uint8Array): Detection {
  const lines = textOf(head, 0, head.length).split(/\r?\n/);
  return lines.some((line) => TimehistColumns.of(line) !== undefined)
    ? { matches: true, confidence: 0.95 }
    : {
        matches: false,
        reason: 'no table with the columns "time cpu task name wait time sch delay run time"',
      };
}

class TimehistTextReader implements LineReader {
  readonly #store: EventStore;
  readonly #rows: TimehistRows;
  #columns: TimehistColumns | undefined;
  #isSummary = false;

  constructor(store: EventStore) {
    this.#store = store;
    this.#rows = new TimehistRows(store);
  }

  line(bytes: Uint8Array, start: number, end: number, lineNumber: number): boolean {
    const maxBytes = MAX_ROW_BYTES + (this.#columns?.visualWidth ?? MAX_VISUAL);
    const line = textOf(bytes, start, Math.min(end, start + maxBytes));
    const row = this.#columns?.read(line);
    if (row !== undefined) {
      if (row.kind === 'awakened') this.#claim('wakeups');
      if (row.kind === 'ran' && row.prio !== undefined) this.#claim('priorities');
      this.#rows.add(row, lineNumber);
      return true;
    }
    const loss = lossOf(line);
    if (loss !== undefined) {
      this.#rows.lose(loss.cpu, loss.count, lineNumber);
      return true;
    }
    const columns = TimehistColumns.of(line);
    if (columns !== undefined) {
      this.#columns = columns;
      if (columns.hasState) this.#claim('prevState');
      return true;
    }
    if (SUMMARY.test(line)) this.#isSummary = true;
    return this.#isSummary || REMARK.test(line);
  }

  end(): void {
    this.#rows.finish();
    const { diagnostics } = this.#store;
    const { unknownNext, taken, contradictions, cutNames, refused } = this.#rows;
    if (refused !== undefined) diagnostics.push({ severity: 'warning', message: refused });
    const switches = this.#store.countOf(EventType.Switch);
    if (switches === 0) return;
    const from = taken === 0 ? '' : `, for ${taken} it is whose interval perf shows next`;
    diagnostics.push({
      severity: 'info',
      message: `This table holds results of perf, to the microsecond. Of ${switches} switches ${unknownNext} do not tell who ran next${from}. The events themselves are in "perf script" of the same recording.`,
    });
    if (contradictions > 0) {
      diagnostics.push({
        severity: 'warning',
        message: `${contradictions} intervals of this table cannot be: the recording lacks switches, and perf took the time of tasks it did not see for run time of others. More intervals may be wrong in the same way. "perf sched timehist -n" prints who was switched to.`,
      });
    }
    if (cutNames > 0) {
      diagnostics.push({
        severity: 'warning',
        message: `perf cut ${cutNames} task names after 31 characters, and with them the task's number: who that was is not known.`,
      });
    }
  }

  #claim(what: 'wakeups' | 'prevState' | 'priorities'): void {
    const { metadata } = this.#store;
    if (!metadata.capabilities[what]) metadata.capabilities = { ...metadata.capabilities, [what]: true };
  }
}
