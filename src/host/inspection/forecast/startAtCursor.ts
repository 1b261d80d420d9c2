import type { ForecastStart } from '../../../protocol/forecastMessages.js';
import type { TraceCursor, TraceSummary } from '../../../protocol/traceMessages.js';

/** Where a forecast from a cursor of the trace editor begins, by the clock of the recording. */
export function startAtCursor(
  path: string,
  { cpu, atNs }: TraceCursor,
  { baseNs }: Pick<TraceSummary, 'baseNs'>,
): ForecastStart {
  const timeNs = String(BigInt(baseNs) + BigInt(Math.floor(atNs)));
  return { kind: 'recording', path, cpu, timeNs, isRelative: false };
}
