import type { ExperimentNumber, RowCounts, WayName } from '../../../src/protocol/neuralCfs.js';
import { formatCount, formatShare, unknownText } from '../../common/format.js';

export interface Words {
  readonly label: string;
  readonly title: string;
}

export const WAYS: Readonly<Record<WayName, Words>> = {
  published: {
    label: 'As published',
    title:
      'As the thesis did: classes made half and half, normalised by all rows, split by row. Calls of one history are in training and test.',
  },
  group: {
    label: 'By history group',
    title: 'No history group is in training and test; classes as frequent as they are, with class weights.',
  },
  recording: {
    label: 'By recording',
    title: 'No recording is in training and test; classes as frequent as they are, with class weights.',
  },
  workload: {
    label: 'By workload',
    title: 'No workload is in training and test; classes as frequent as they are, with class weights.',
  },
};

/** In the middle of a sentence: `split by history group`. */
export const WAY_IN_WORDS: Readonly<Record<WayName, string>> = {
  published: 'as published',
  group: 'split by history group',
  recording: 'split by recording',
  workload: 'split by workload',
};

export const EXPERIMENTS: Readonly<Record<ExperimentNumber, Words>> = {
  1: { label: 'Experiment 1', title: 'Is the task migrated?' },
  2: { label: 'Experiment 2', title: 'Does its history end in a forced migration?' },
  3: { label: 'Experiment 3', title: 'Is this migration forced?' },
};

/** `all workloads`, or the name of one. */
export function partLabel(workload: string | null): string {
  return workload ?? 'All workloads';
}

/** `LibML (SGD, batch 1)` without its settings. */
export function shortTitle({ title }: { readonly title: string }): string {
  return title.replace(/ \(.*\)$/, '');
}

/** A figure between 0 and 1 (or −1 and 1) in three decimals; smaller ones in two digits: `0.531`, `−0.021`, `0.00028`. */
export function decimal(value: number): string {
  const size = Math.abs(value);
  const digits = size > 0 && size < 0.001 ? trimmed(size) : size.toFixed(3);
  return value < 0 && Number(digits) !== 0 ? `−${digits}` : digits;
}

/** The same with its sign: `+0.012`. */
export function signedDecimal(value: number): string {
  return value > 0 ? `+${decimal(value)}` : decimal(value);
}

/** A share in per cent with two decimals; where these would be zeros, in two digits: `12.34 %`, `0.0029 %`. */
export function percent(share: number | null): string {
  if (share === null || !Number.isFinite(share)) return unknownText;
  const value = share * 100;
  return `${value > 0 && value < 0.1 ? trimmed(value) : value.toFixed(2)} %`;
}

/** A number of any size in four digits: F runs from nearly 0 to millions. */
export function amount(value: number): string {
  const size = Math.abs(value);
  if (size >= 1000) return formatCount(value);
  return size > 0 && size < 0.001 ? value.toExponential(1) : String(Number(value.toPrecision(4)));
}

/** `340 of 17,256 (2 %)` */
export function positivesText({ rows, positives }: RowCounts): string {
  const share = rows === 0 ? '' : ` (${formatShare(positives / rows)})`;
  return `${formatCount(positives)} of ${formatCount(rows)}${share}`;
}

/** `1 row`, `12 rows` */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** `a`, `a and b`, `a, b and c` */
export function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)!}`;
}

/** Two digits without an exponent where people can still read it. */
function trimmed(value: number): string {
  return value < 1e-6
    ? value.toExponential(1)
    : value.toFixed(Math.min(20, 1 - Math.floor(Math.log10(value))));
}
