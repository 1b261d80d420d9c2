import type { TimeRange } from '../../../src/protocol/traceMessages.js';
import { formatSeconds } from '../../common/format.js';
import type { TimeMode } from '../model/traceModel.js';

/** The step of the ruler's labelled marks: 1, 2 or 5 times a power of ten ns, at least `minimumPx` apart. */
export function tickStep(spanNs: number, widthPx: number, minimumPx: number): number {
  const least = Math.max((spanNs / Math.max(1, widthPx)) * minimumPx, 1);
  const power = 10 ** Math.floor(Math.log10(least));
  for (const factor of [1, 2, 5, 10])
    if (factor * power >= least * 0.999999) return Math.round(factor * power);
  return Math.round(10 * power);
}

/** Offsets of the marks in a view, on round values of the time that is shown. */
export function tickOffsets(view: TimeRange, stepNs: number, baseNs: bigint, mode: TimeMode): number[] {
  // In absolute time the marks stand on round absolute values, which are not round offsets.
  const shift = mode === 'absolute' ? Number(baseNs % BigInt(stepNs)) : 0;
  const first = Math.ceil((view.startNs + shift) / stepNs);
  const last = Math.floor((view.endNs + shift) / stepNs);
  const offsets: number[] = [];
  for (let i = first; i <= last && offsets.length < 1000; i++) offsets.push(i * stepNs - shift);
  return offsets;
}

/**
 * Labels a mark with as many digits as neighbouring marks need to differ. Relative times take the unit that suits
 * the end of the view, absolute ones are seconds.
 */
export function tickLabel(
  offsetNs: number,
  stepNs: number,
  view: TimeRange,
  baseNs: bigint,
  mode: TimeMode,
): string {
  const decimalsOfStep = (unitNs: number) =>
    Math.max(0, Math.round(Math.log10(unitNs)) - trailingPower(stepNs));
  if (mode === 'absolute') {
    return formatSeconds(
      baseNs + BigInt(Math.round(offsetNs)),
      Math.min(9, Math.max(3, decimalsOfStep(1e9))),
    );
  }
  const size = Math.max(Math.abs(view.startNs), Math.abs(view.endNs));
  const unit = size >= 1e9 ? 's' : size >= 1e6 ? 'ms' : size >= 1e3 ? 'µs' : 'ns';
  const unitNs = { s: 1e9, ms: 1e6, µs: 1e3, ns: 1 }[unit];
  const value = (Math.round(offsetNs) / unitNs).toFixed(decimalsOfStep(unitNs));
  return `${value === '-0' ? '0' : value} ${unit}`;
}

/** How many times ten divides a step: 2,000 → 3. */
function trailingPower(stepNs: number): number {
  return Math.floor(Math.log10(stepNs) + 1e-9);
}
