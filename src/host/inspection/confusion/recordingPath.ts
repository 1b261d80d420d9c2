import { dirname, relative, isAbsolute } from 'node:path';
import { readDataSetMeta, type RecordingEntry } from '../../../dataset/files/dataSetMeta.js';
import type { Evaluation } from '../../../protocol/evaluation.js';

/**
 * What to open for a recording of an evaluation: its file, or the folder that it lies in with others. What the data set does not
 * know (recordings that were named when it was evaluated) is as it was named.
 */
export async function recordingPath(
  named: string,
  { dataset }: Pick<Evaluation, 'dataset'>,
): Promise<string> {
  const recordings = await readDataSetMeta(dataset.path).then(
    (meta) => meta.recordings,
    () => [],
  );
  const found = recordings.find((recording) => nameOf(recording) === named);
  const paths = found?.files.map(({ path }) => path) ?? [named];
  return paths.length === 1 ? paths[0]! : paths.reduce(commonFolder, dirname(paths[0]!));
}

/** As an evaluation names it: of a file with several recordings with which one. */
function nameOf({ files, traceId }: RecordingEntry): string {
  const path = files[0]?.path ?? '';
  return traceId === null ? path : `${path} (${traceId})`;
}

function commonFolder(folder: string, path: string): string {
  let common = folder;
  for (;;) {
    const rest = relative(common, path);
    if ((!rest.startsWith('..') && !isAbsolute(rest)) || dirname(common) === common) return common;
    common = dirname(common);
  }
}
