/**
 * Which bit of `prev_state` means what, by kernel release: the events of a CTF trace hold the number alone. Source:
 * include/trace/events/sched.h and include/linux/sched.h of the releases.
 */
import { prevStatePrinter } from '../tracepoint/prevStateText.js';

const OLD_LETTERS =
  '{ 1, "S" }, { 2, "D" }, { 4, "T" }, { 8, "t" }, { 16, "Z" }, { 32, "X" }, { 64, "x" }, { 128, "K" }, { 256, "W" }';

/**
 * Makes the function from `prev_state` to the kernel's text. Without a release, or with one since 4.14, the letters are
 * those that all kernels since have.
 */
export function statePrinterFor(kernelRelease: string | undefined): (prevState: number) => string {
  const version = /^(\d+)\.(\d+)/.exec(kernelRelease ?? '');
  if (version === null) return prevStatePrinter('');
  const release = Number(version[1]) * 1000 + Number(version[2]);
  if (release >= 4014) return prevStatePrinter('');
  // TASK_STATE_MAX, which marks a preempted task, moved with each state that was added below it.
  if (release >= 4008) return old(0x1000, ', { 512, "P" }, { 1024, "N" }, { 2048, "n" }');
  if (release >= 4002) return old(0x800, ', { 512, "P" }, { 1024, "N" }');
  if (release >= 3009) return old(0x400, ', { 512, "P" }');
  return old(0x200, '');
}

function old(preempted: number, more: string): (prevState: number) => string {
  const mask = preempted - 1;
  return prevStatePrinter(
    `REC->prev_state & (${mask}) ? __print_flags(REC->prev_state & (${mask}), "|", ${OLD_LETTERS}${more}) : "R", REC->prev_state & ${preempted} ? "+" : ""`,
  );
}
