/**
 * Apache Parquet (https://parquet.apache.org/docs/file-format/): the columns of `eventColumns`, Snappy-compressed.
 * Row groups are made and handed out one after the other, so memory stays that of one of them.
 *
 * The file's key-value metadata tell what is no event: `kernel_oracle.format`, `kernel_oracle.properties` and
 * `kernel_oracle.losses`, both JSON, times in ns as decimal strings, and for a part of a recording which one it is:
 * `kernel_oracle.part`.
 */
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import type { ColumnSource } from 'hyparquet-writer/src/types.js';
import type { EventStore } from '../model/eventStore.js';
import { eventColumns, type Cell, type EventColumn } from './eventColumns.js';
import type { ExportedPart } from './exportedPart.js';

const ROWS_PER_GROUP = 100_000;

/** Pieces of the file, one a row group, and the footer. */
export function* parquetPieces(part: ExportedPart, rowsPerGroup = ROWS_PER_GROUP): Generator<Uint8Array> {
  const columns = eventColumns(part.store);
  const bytes = new ByteWriter();
  const writer = new ParquetWriter({
    writer: bytes,
    schema: [
      { name: 'events', num_children: columns.length },
      ...columns.map(({ name, type, nullable }) => ({
        name,
        repetition_type: nullable ? ('OPTIONAL' as const) : ('REQUIRED' as const),
        ...(type === 'STRING' ? { type: 'BYTE_ARRAY' as const, converted_type: 'UTF8' as const } : { type }),
      })),
    ],
    kvMetadata: fileMetadata(part),
    createdBy: 'kernel-oracle',
  });
  for (const rows of rowGroups(part, rowsPerGroup)) {
    // Without a `flush` of the byte writer this is synchronous.
    void writer.write({
      columnData: columns.map((column) => columnData(part.store, column, rows)),
      rowGroupSize: rowsPerGroup,
    });
    yield taken(bytes);
  }
  void writer.finish();
  yield taken(bytes);
}

/** The bytes written since last time; the writer goes on with an empty buffer at the same file offset. */
function taken(bytes: ByteWriter): Uint8Array {
  const piece = bytes.getBytes().slice();
  bytes.index = 0;
  return piece;
}

/** The numbers of the part's rows, a group at a time; the array is used again. */
function* rowGroups(part: ExportedPart, rowsPerGroup: number): Generator<Uint32Array> {
  const rows = new Uint32Array(rowsPerGroup);
  let count = 0;
  for (let row = part.firstRow; row < part.endRow; row += 1) {
    if (!part.has(row)) continue;
    rows[count] = row;
    count += 1;
    if (count < rowsPerGroup) continue;
    part.reachedRow = row;
    yield rows;
    count = 0;
  }
  if (count > 0) yield rows.subarray(0, count);
}

function columnData(store: EventStore, column: EventColumn, rows: Uint32Array): ColumnSource {
  const { name, cell } = column;
  const data = new Array<Cell>(rows.length);
  for (let at = 0; at < rows.length; at += 1) data[at] = cell(store, rows[at]!);
  // Times only grow: their differences are a third of their size.
  return name === 'time_ns' ? { name, data, encoding: 'DELTA_BINARY_PACKED' } : { name, data };
}

function fileMetadata(part: ExportedPart): { key: string; value: string }[] {
  const { store } = part;
  const { format, properties } = store.metadata;
  const absolute = (offsetNs: number | undefined) =>
    offsetNs === undefined ? null : String(store.baseNs + BigInt(offsetNs));
  const losses = part.losses.map(({ cpu, afterNs, beforeNs, count, line }) => ({
    cpu,
    afterNs: absolute(afterNs),
    beforeNs: absolute(beforeNs),
    count: count ?? null,
    line: store.placeOf(line).line,
  }));
  return [
    { key: 'kernel_oracle.format', value: format },
    { key: 'kernel_oracle.properties', value: JSON.stringify(Object.fromEntries(properties)) },
    { key: 'kernel_oracle.losses', value: JSON.stringify(losses) },
    ...(part.describe() === '' ? [] : [{ key: 'kernel_oracle.part', value: part.describe() }]),
  ];
}
