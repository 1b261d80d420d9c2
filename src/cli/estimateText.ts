import type { Estimate } from '../protocol/evaluation.js';

/** `0.912 (0.905 … 0.919)`, or the figure alone where there is no interval. */
export function estimateText({ value, low, high }: Estimate, text: (value: number) => string): string {
  return low === null || high === null ? text(value) : `${text(value)} (${text(low)} … ${text(high)})`;
}

/** `+1.25` */
export function signed(text: (value: number) => string): (value: number) => string {
  return (value) => `${value < 0 ? '−' : '+'}${text(Math.abs(value))}`;
}

/** `1 recording`, `2 recordings`. */
export function countText(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
