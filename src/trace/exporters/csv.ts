/**
 * Comma-separated values, everything the model holds of the events: one row each, the columns of `eventColumns`.
 *
 *     time_ns,cpu,event,actor_pid,actor_tgid,actor_comm,actor_prio,subject_pid,…
 *     5630872217000,1,sched_switch,2657,,"a, b",120,0,,swapper/1,120,S,,,,,,,,d..2.,13
 */
import { EVENT_NAMES, EventType } from '../model/eventType.js';
import { UNKNOWN_PRIO, type EventStore } from '../model/eventStore.js';
import { IDLE_TASK, NO_TASK } from '../model/taskTable.js';
import { PIECE_CHARACTERS, csvField } from './csvText.js';
import { eventColumns, tgidOf, typeOf } from './eventColumns.js';
import type { ExportedPart } from './exportedPart.js';
import { TimeText } from './timeText.js';

/** Pieces of the text; ASCII but for the names of tasks and files. */
export function* csvPieces(part: ExportedPart): Generator<string> {
  const { store } = part;
  const rows = new CsvRows(store);
  let text = `${eventColumns(store)
    .map(({ name }) => name)
    .join(',')}\n`;
  for (let row = part.firstRow; row < part.endRow; row += 1) {
    if (!part.has(row)) continue;
    text += rows.text(row);
    if (text.length < PIECE_CHARACTERS) continue;
    part.reachedRow = row;
    yield text;
    text = '';
  }
  if (text !== '') yield text;
}

/** Spells rows; written out column by column because a generic loop over columns is four times slower. */
class CsvRows {
  readonly #store: EventStore;
  readonly #time: TimeText;
  /** `pid,tgid,comm` by task, and by CPU for idle. */
  readonly #tasks: (string | undefined)[] = [];
  readonly #idle: (string | undefined)[] = [];
  readonly #states: string[];
  readonly #flags: string[];
  /** Names of the files, each with a comma before it, where the recording lies in several. */
  readonly #sources: readonly string[];

  constructor(store: EventStore) {
    this.#store = store;
    this.#time = new TimeText(store);
    this.#states = store.states.values().map(csvField);
    this.#flags = store.flagTexts.values().map(csvField);
    this.#sources = store.sources.length > 1 ? store.sources.map((name) => `,${csvField(name)}`) : [''];
  }

  text(row: number): string {
    const store = this.#store;
    const cpu = store.cpu[row]!;
    const type = typeOf(store, row);
    return (
      `${this.#time.wholeNanoseconds(store.timeNs[row]!)},${cpu},${EVENT_NAMES[type]},` +
      `${this.#task(store.actor[row]!, cpu)},${prio(store.actorPrio[row]!)},` +
      `${this.#task(store.subject[row]!, cpu)},${prio(store.subjectPrio[row]!)},` +
      `${this.#states[store.state[row]!]!},${this.#details(row, type)},` +
      `${this.#flags[store.flags[row]!]!},${this.#place(store.line[row]!)}\n`
    );
  }

  /** `target_cpu,orig_cpu,dest_cpu,runtime_ns,vruntime_ns,old_pid,filename` */
  #details(row: number, type: EventType): string {
    const store = this.#store;
    const arg = store.arg[row]!;
    switch (type) {
      case EventType.Wakeup:
      case EventType.WakeupNew:
      case EventType.Waking:
        return arg < 0 ? ',,,,,,' : `${arg},,,,,,`;
      case EventType.Migrate:
        return `,${Math.floor(arg / 65536)},${arg % 65536},,,,`;
      case EventType.StatRuntime:
        return `,,,${arg},${store.vruntimeNs?.[row] ?? ''},,`;
      case EventType.Exec:
        return `,,,,,${arg},${csvField(store.execFiles.get(store.line[row]!) ?? '')}`;
      default:
        return ',,,,,,';
    }
  }

  /** `line[,source]`, from what the `line` column holds. */
  #place(place: number): string {
    const count = this.#sources.length;
    return `${Math.floor(place / count)}${this.#sources[place % count]!}`;
  }

  #task(task: number, cpu: number): string {
    if (task === NO_TASK) return ',,';
    if (task === IDLE_TASK) return (this.#idle[cpu] ??= `0,,swapper/${cpu}`);
    const { pids, comms } = this.#store.tasks;
    return (this.#tasks[task] ??=
      `${pids[task]!},${tgidOf(this.#store, task) ?? ''},${csvField(comms[task]!)}`);
  }
}

function prio(value: number): string | number {
  return value === UNKNOWN_PRIO ? '' : value;
}
