/** What the kernel of a machine complained of since a model is in it. */
import { printableText } from '../printableText.js';

export interface KernelComplaints {
  /** Also of those that are not among the lines. */
  readonly count: number;
  readonly lines: readonly string[];
}

export const NO_COMPLAINTS: KernelComplaints = { count: 0, lines: [] };

const MAX_LINES = 50;
const MAX_LINE_LENGTH = 240;

/** What `deploy.sh` tells of a log: how many lines there are, then the first of them. */
export function parseComplaints(text: string | undefined): KernelComplaints {
  if (text === undefined) return NO_COMPLAINTS;
  const [head = '', ...rest] = text.split('\n');
  const lines = rest
    .map((line) => printableText(line, MAX_LINE_LENGTH).trimEnd())
    .filter((line) => line.trim() !== '')
    .slice(0, MAX_LINES);
  const count = /^\d{1,9}$/.test(head.trim()) ? Number(head) : lines.length;
  return { count: Math.max(count, lines.length), lines };
}

/** With a last line for those that are not shown. */
export function complaintLines({ count, lines }: KernelComplaints): readonly string[] {
  return count > lines.length ? [...lines, `… and ${count - lines.length} more lines`] : lines;
}

/**
 * Bits of /proc/sys/kernel/tainted (Documentation/admin-guide/tainted-kernels.rst) that tell of something going wrong. That a
 * module was loaded that is not of the kernel's sources, or not signed, taints it, too, and is none.
 */
const BAD_BITS: readonly (readonly [bit: number, what: string])[] = [
  [4, 'a processor reported a machine check'],
  [5, 'a page of memory is in a bad state'],
  [7, 'it had an oops or BUG'],
  [9, 'it gave a warning'],
  [14, 'a CPU was locked up'],
];

/** What became of the kernel's taint, in sentences; empty: nothing bad. */
export function taintLines(before: string | undefined, now: string | undefined): readonly string[] {
  const [old, current] = [bits(before), bits(now)];
  if (old === undefined || current === undefined) return [];
  const fresh = current & ~old;
  return BAD_BITS.filter(([bit]) => (fresh >> BigInt(bit)) & 1n).map(
    ([, what]) => `The kernel marks itself as tainted since then: ${what}.`,
  );
}

function bits(text: string | undefined): bigint | undefined {
  return text !== undefined && /^\d{1,19}$/.test(text.trim()) ? BigInt(text.trim()) : undefined;
}
