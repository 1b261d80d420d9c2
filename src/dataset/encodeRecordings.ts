import { partOf, type StoredPart } from './dataSet.js';
import { extractRecordings, type LeftOut } from './extract/extractRecordings.js';
import { Symbols } from './extract/switchRows.js';
import { gathered } from './files/columnFile.js';
import type { DataSetMeta } from './files/dataSetMeta.js';
import { CommNames, partColumns } from './files/partFile.js';
import { slicesOf } from './partRows.js';
import { vocabularyFor } from './vocabulary.js';

/** Recordings as a data set would hold them, in its vocabulary. */
export interface EncodedRecordings {
  /** Indices of recordings are those of `recordings`; numbers of comms those of `comms`. */
  readonly part: StoredPart;
  readonly recordings: readonly EncodedRecording[];
  readonly comms: readonly string[];
  /** Files of the folders that were given which are no recordings, and why. */
  readonly leftOut: readonly LeftOut[];
}

export interface EncodedRecording {
  /** Its file, or its folder's first one. */
  readonly path: string;
  /** Where a file holds several recordings: which one. */
  readonly traceId: string | null;
  readonly workload: string;
  readonly category: string;
  /** As in `dataset_meta.json`: equal for the same recording in another file or format. */
  readonly rowsSha256: string;
}

const WHOLE = [{ part: 'unseen', from: 0, until: 1 }] as const;

/**
 * Reads recordings as sequences in the vocabulary of a data set, of single CPUs where its own are. They are only read: nothing
 * of them is learned. @param paths files and folders
 * Failures: those of reading a file that was named, `bad-input` when none of the files is a recording, `wrong-usage`,
 * `too-large`, `cancelled`.
 */
export async function encodeRecordings(
  paths: readonly string[],
  meta: Pick<DataSetMeta, 'vocabulary' | 'options'>,
  signal?: AbortSignal,
): Promise<EncodedRecordings> {
  const symbols = new Symbols();
  const { perCpu } = meta.options;
  const { recordings, leftOut } = await extractRecordings({ paths, symbols, perCpu, category: null, signal });
  const { unseen } = slicesOf(
    recordings,
    recordings.map(() => WHOLE),
  );
  const comms = new CommNames(symbols);
  const vocabulary = vocabularyFor(meta.vocabulary, symbols);
  const columns = partColumns(unseen, { symbols, vocabulary, comms });
  const part = partOf({
    path: paths.join(', '),
    columns: new Map(columns.map((column) => [column.name, gathered(column)])),
  });
  return {
    part,
    recordings: recordings.map(({ files, traceId, workload, category, rowsSha256 }) => ({
      path: files[0]!.path,
      ...{ traceId, workload, category, rowsSha256 },
    })),
    comms: comms.names,
    leftOut,
  };
}
