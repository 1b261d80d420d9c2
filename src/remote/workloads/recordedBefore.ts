import { isDeepStrictEqual } from 'node:util';
import { isFailure } from '../../base/errors.js';
import { digestOfFile } from '../artifacts/digest.js';
import { metaPathOf, readRecordingMeta, type RecordingMeta } from '../artifacts/recordingMeta.js';
import type { PlanCell } from './cells.js';

/**
 * The description of a recording that is there already, whole and of what the cell asks for. Otherwise why it does not
 * count, in words; undefined when there is nothing.
 */
export async function recordedBefore(cell: PlanCell): Promise<RecordingMeta | string | undefined> {
  let meta: RecordingMeta;
  try {
    meta = await readRecordingMeta(metaPathOf(cell.path));
  } catch (error) {
    if (isFailure(error, 'file-not-found')) return undefined;
    if (isFailure(error)) return error.message;
    throw error;
  }
  const difference = differenceFrom(cell, meta);
  if (difference !== undefined) return difference;
  try {
    const { sizeBytes, sha256 } = await digestOfFile(cell.path);
    return sizeBytes === meta.recording.sizeBytes && sha256 === meta.recording.sha256
      ? meta
      : `${cell.path} is not what its description says.`;
  } catch (error) {
    if (isFailure(error)) return error.message;
    throw error;
  }
}

function differenceFrom(cell: PlanCell, meta: RecordingMeta): string | undefined {
  const { workload, collector, run } = cell;
  if (
    meta.workload?.name !== workload.command.name ||
    meta.category !== workload.category ||
    meta.run !== run
  ) {
    return `${cell.path} is a recording of another workload or run.`;
  }
  return isDeepStrictEqual({ ...meta.collector }, { ...collector.settings })
    ? undefined
    : `${cell.path} was recorded with other settings.`;
}
