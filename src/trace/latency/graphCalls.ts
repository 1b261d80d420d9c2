/** Calls in the text of the function_graph tracer, each with its name, also where only its end has the duration. */

export interface GraphCall {
  readonly name: string;
  readonly us: number;
}

/** `+ 12.345 us   |  }`: a mark of long calls, the duration, the bar, what was called. */
const TIMED = /(?:[+!#*@$]\s*)?\b(\d+\.?\d*) us\s*\|\s*(.*)$/;
/** `|  can_migrate_task() {`, `can_migrate_task [mod]() {`; since Linux 6.13 arguments may stand between the brackets. */
const BEGUN = /\|\s*([A-Za-z_][\w.]*)(?: \[[^\]]+\])?\s*\(.*\)\s*\{/;
const NAMED = /^([A-Za-z_][\w.]*)(?: \[[^\]]+\])?\s*\(/;
// With the option funcgraph-tail the end names what ended: `} /* can_migrate_task */`.
const TAIL = /^\}\s*(?:\/\*\s*([A-Za-z_][\w.]*))?/;
/** ` 1)` of the tracer itself, `[001]` of trace-cmd. */
const CPU = /(?:^|[\s|])(\d{1,5})\)|\[(\d{1,5})\]/;
/** Calls open at once on a CPU: kernel stacks are no deeper. */
const MAX_DEPTH = 512;

export class GraphCalls {
  readonly #open = new Map<string, string[]>();

  /** Whether a line is of this tracer: something with a bar between time and call. */
  static isOne(text: string): boolean {
    return TIMED.test(text) || BEGUN.test(text);
  }

  /** Lines that stand between calls: switches of tasks, rules, comments, what trace-cmd prints first. */
  static isAround(text: string): boolean {
    return (
      /=>/.test(text) ||
      /^-+$/.test(text) ||
      /^(cpus=\d+|version = |CPU \d+ is empty|trace-cmd)/.test(text) ||
      /\|\s*(\/\*|\}|$)/.test(text) ||
      /LOST \d+ EVENTS/.test(text)
    );
  }

  /** A call that ended; null: it only began, or where it began was not recorded; undefined: the line is no call. */
  read(text: string): GraphCall | null | undefined {
    const timed = TIMED.exec(text);
    const cpu = cpuOf(text);
    if (timed === null) {
      const begun = BEGUN.exec(text);
      if (begun === null) return undefined;
      const open = this.#openOn(cpu);
      if (open.length < MAX_DEPTH) open.push(begun[1]!);
      return null;
    }
    const us = Number(timed[1]);
    const what = timed[2]!;
    const tail = TAIL.exec(what);
    if (tail !== null) {
      const begun = this.#openOn(cpu).pop();
      const name = tail[1] ?? begun;
      return name === undefined ? null : { name, us };
    }
    const named = NAMED.exec(what);
    return named === null ? undefined : { name: named[1]!, us };
  }

  /** Calls may have ended unseen. */
  forget(): void {
    this.#open.clear();
  }

  #openOn(cpu: string): string[] {
    const known = this.#open.get(cpu);
    if (known !== undefined) return known;
    const added: string[] = [];
    this.#open.set(cpu, added);
    return added;
  }
}

function cpuOf(text: string): string {
  const match = CPU.exec(text);
  return match?.[1] ?? match?.[2] ?? '';
}
