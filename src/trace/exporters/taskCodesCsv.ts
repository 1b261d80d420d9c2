/**
 * The older form of the KernelOracle family's comma-separated values, made from `perf sched map` of one CPU: one row a
 * sched_switch, the *next* task with its code, time in seconds. Nothing tells the CPU: a recording of several is
 * exported CPU by CPU.
 *
 *     task_code,time,name,pid
 *     A0,1964.315332,migration/0,18
 *     .,1964.315351,swapper,0
 *
 * Codes are perf's: `.` for idle, then `A0` … `Z0`, `A1` … `Z9` in order of appearance (builtin-sched.c,
 * map_switch_event). perf starts over after 260 tasks; here `A10` follows, so that a code means one task.
 */
import { Failure } from '../../base/errors.js';
import { EventType } from '../model/eventType.js';
import { IDLE_TASK, IDLE_THREAD, NO_TASK } from '../model/taskTable.js';
import { PIECE_CHARACTERS, csvField, oneLine } from './csvText.js';
import type { ExportedPart } from './exportedPart.js';
import { TimeText, hasWholeMicroseconds } from './timeText.js';

const SWITCH: number = EventType.Switch;
const LETTERS = 26;

/** Pieces of the text. Failure `wrong-usage` when the part holds switches of several CPUs. */
export function* taskCodesCsvPieces(part: ExportedPart): Generator<string> {
  requireOneCpu(part);
  const { store } = part;
  const { tasks } = store;
  const time = new TimeText(store);
  const isWhole = hasWholeMicroseconds(store);
  const codes: (string | undefined)[] = [];
  codes[IDLE_THREAD] = '.';
  let threads = 0;
  let text = 'task_code,time,name,pid\n';
  for (let row = part.firstRow; row < part.endRow; row += 1) {
    if (store.type[row] !== SWITCH || !part.has(row)) continue;
    const next = store.subject[row]!;
    // Without a task there is nothing that the row could say.
    if (next === NO_TASK) continue;
    const code = (codes[tasks.threads[next]!] ??= codeOf(threads++));
    const offsetNs = store.timeNs[row]!;
    const stamp = isWhole ? time.microseconds(offsetNs) : time.nanoseconds(offsetNs);
    const name = next === IDLE_TASK ? 'swapper' : csvField(oneLine(tasks.comms[next]!));
    text += `${code},${stamp},${name},${tasks.pids[next]!}\n`;
    if (text.length < PIECE_CHARACTERS) continue;
    part.reachedRow = row;
    yield text;
    text = '';
  }
  if (text !== '') yield text;
}

function codeOf(thread: number): string {
  return `${String.fromCharCode(65 + (thread % LETTERS))}${Math.floor(thread / LETTERS)}`;
}

function requireOneCpu(part: ExportedPart): void {
  const { store } = part;
  let found: number | undefined;
  for (let row = part.firstRow; row < part.endRow; row += 1) {
    if (store.type[row] !== SWITCH || !part.has(row)) continue;
    found ??= store.cpu[row]!;
    if (found === store.cpu[row]) continue;
    throw new Failure(
      'wrong-usage',
      `CSV with task codes has no CPU column, and this recording has switches of several CPUs (${found}, ${store.cpu[row]!}, …). Choose one CPU.`,
    );
  }
}
