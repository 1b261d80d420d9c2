/**
 * A report of several buffers (instances), or of several files, is one text in which each line names its own. Two
 * buffers that recorded the same events have them twice, a few hundred nanoseconds apart: as one timeline these make no
 * sense. Buffers that recorded different events (`-B a -e sched_switch -B b -e sched_waking`) complete each other.
 *
 * So each kind of event is read from one buffer only: of those in the first lines, the one that has most of them. Of
 * several files all kinds are read from one: their CPUs may be of different machines.
 */
import type { EventStore } from '../../model/eventStore.js';
import { EVENT_NAMES, EventType } from '../../model/eventType.js';

/** Sources that are told apart; a machine has a few instances. More count as one. */
const MAX_SOURCES = 64;
const TYPES = EVENT_NAMES.length;

export class TraceCmdSources {
  readonly #names: string[] = [];
  /** By source and type: events seen, and of these, read. */
  readonly #seen = new Float64Array(MAX_SOURCES * TYPES);
  readonly #read = new Float64Array(MAX_SOURCES * TYPES);
  /** By type: the source it is read from; -1 not chosen yet. */
  readonly #chosen = new Int32Array(TYPES).fill(-1);
  /** Files in the report: each has a line `cpus=`. */
  #files = 0;

  /** Number of the source of this name. */
  numberOf(name: string): number {
    const known = this.#names.indexOf(name);
    if (known >= 0) return known;
    if (this.#names.length < MAX_SOURCES) this.#names.push(name);
    return this.#names.length - 1;
  }

  addFile(): void {
    this.#files += 1;
  }

  /** Counts an event. */
  see(source: number, type: EventType): void {
    this.#seen[source * TYPES + type]! += 1;
  }

  /** Chooses by the events counted so far; for kinds of which there are none yet, the first source will be it. */
  choose(): void {
    for (let type = 0; type < TYPES; type += 1) this.#chosen[type] = this.#densest((each) => each === type);
    if (this.#files < 2) return;
    const switches = this.#chosen[EventType.Switch]!;
    this.#chosen.fill(switches >= 0 ? switches : this.#densest(() => true));
  }

  /** Whether an event of this source is read. `see` counted it before, `choose` was called. */
  reads(source: number, type: EventType): boolean {
    if (this.#chosen[type] === -1) this.#chosen[type] = source;
    if (this.#chosen[type] !== source) return false;
    this.#read[source * TYPES + type]! += 1;
    return true;
  }

  /** Whether what this source lost is missing from what is read. */
  isRead(source: number): boolean {
    const switches = this.#chosen[EventType.Switch]!;
    return switches >= 0 ? switches === source : this.#chosen.includes(source);
  }

  /** Says what was read from where, when a report has several sources. */
  report(store: EventStore): void {
    if (this.#names.length > 0) {
      store.metadata.properties.set('buffers', this.#names.map(shownName).join(', '));
    }
    this.#names.forEach((name, source) => {
      const left = this.#leftOut(source);
      if (left.length === 0) return;
      store.diagnostics.push({
        severity: 'warning',
        message: `This report holds events of the same kinds from several ${this.#files > 1 ? 'files' : 'buffers'}. Of ${shownName(name)} were left out: ${left.join('; ')}. To see that one, open it alone, for example with "grep" for the beginning of its lines.`,
      });
    });
  }

  #leftOut(source: number): string[] {
    return EVENT_NAMES.flatMap((name, type) => {
      const count = this.#seen[source * TYPES + type]! - this.#read[source * TYPES + type]!;
      if (count === 0) return [];
      const chosen = this.#chosen[type]!;
      const from = this.#names[chosen];
      const read = from === undefined ? 0 : this.#read[chosen * TYPES + type]!;
      return [`${count} ${name}${from === undefined ? '' : ` (${read} were read from ${shownName(from)})`}`];
    });
  }

  /** The source with most events of these types; the first of equals, -1 when there are none. */
  #densest(isCounted: (type: number) => boolean): number {
    let best = -1;
    let most = 0;
    for (let source = 0; source < this.#names.length; source += 1) {
      let count = 0;
      for (let type = 0; type < TYPES; type += 1) {
        if (isCounted(type)) count += this.#seen[source * TYPES + type]!;
      }
      if (count > most) {
        most = count;
        best = source;
      }
    }
    return best;
  }
}

function shownName(name: string): string {
  return name === '' ? 'the main buffer' : `"${name}"`;
}
