/** Printing of figures, the same in all benchmarks: what, how much, and the ratio to a peer of the same run. */

export function heading(text: string): void {
  console.log(`\n${text}\n${'-'.repeat(text.length)}`);
}

export function figure(what: string, value: string, remark = ''): void {
  console.log(`${what.padEnd(58)} ${value.padStart(16)}  ${remark}`.trimEnd());
}

export function perSecond(count: number, elapsedMs: number): string {
  return `${(count / elapsedMs / 1000).toFixed(2)} M/s`;
}

export function seconds(elapsedMs: number): string {
  return `${(elapsedMs / 1000).toFixed(2)} s`;
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}

/** Middle value; the figures of one run of a shared machine are noisy, medians are what to quote. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? NaN;
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? NaN;
}

/** Says loudly that something could not be measured here, and why. */
export function cannotMeasure(what: string, why: string): void {
  console.log(`!! NOT MEASURED: ${what}: ${why}`);
}
