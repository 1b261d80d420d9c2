/** Rows of `trace-cmd report` in a form in which the outputs of its options can be compared. */
import { EVENT_NAMES } from '../../src/trace/model/eventType.js';
import type { EventStore } from '../../src/trace/model/eventStore.js';
import { NO_TASK } from '../../src/trace/model/taskTable.js';

/** The letters that libtraceevent's sched plugin prints for the bits of a state, and the kernel that was recorded. */
const PLUGIN_LETTERS = 'SDTtZXxW';
/** Linux since 4.14; `lisa_sched_load` is of an older one, in which 64 is x. */
export const KERNEL_LETTERS = 'SDTtXZPI';
export const OLD_KERNEL_LETTERS = 'SDTtXZxK';

export interface Precision {
  /** Times are rounded to these many ns. */
  readonly unitNs: bigint;
  /** State numbers (-R) of the reference become what the compared output prints. */
  readonly stateOf: (number: string) => string;
}

export function printedBy(options: readonly string[], kernelLetters: string): Precision {
  const isRaw = options.includes('-R');
  const letters = options.includes('-N') ? kernelLetters : PLUGIN_LETTERS;
  const isPlugin = letters === PLUGIN_LETTERS;
  return {
    unitNs: options.includes('-t') || options.includes('--raw-ts') ? 1n : 1000n,
    stateOf: (number) => (isRaw || number === '' ? number : stateText(Number(number), letters, isPlugin)),
  };
}

function stateText(number: number, letters: string, isPlugin: boolean): string {
  const shown = Array.from(letters).filter((_, bit) => (number & (1 << bit)) !== 0);
  const text = shown.length === 0 ? 'R' : shown.join('|');
  // The bit above the letters says that the task was preempted; the plugin does not print it.
  return !isPlugin && number >= 256 ? `${text}+` : text;
}

/** Everything of a row but the line it stood in; of the actor the pid, since some outputs cut its name. */
export function comparableRows(store: EventStore, as: Partial<Precision> = {}): string[] {
  const { unitNs = 1n, stateOf = (text: string) => text } = as;
  const { tasks } = store;
  return Array.from({ length: store.length }, (_, row) => {
    const subject = store.subject[row]!;
    const actor = store.actor[row]!;
    return [
      ((store.absoluteNs(row) + unitNs / 2n) / unitNs) * unitNs,
      store.cpu[row],
      EVENT_NAMES[store.type[row]!],
      actor === NO_TASK ? -1 : tasks.pids[actor],
      `${tasks.comms[subject]!}:${tasks.pids[subject]!}`,
      store.actorPrio[row],
      store.subjectPrio[row],
      EVENT_NAMES[store.type[row]!] === 'sched_switch' ? stateOf(store.states.get(store.state[row]!)) : '',
      store.arg[row],
    ].join(' ');
  });
}
