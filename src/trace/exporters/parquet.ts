/**
 * Apache Parquet (https://parquet.apache.org/docs/file-format/): the columns of `EVENT_COLUMNS`, Snappy-compressed.
 * Row groups are made and handed out one after the other, so memory stays that of one of them.
 *
 * The file's key-value metadata tell what is no event: `kernel_oracle.format`, `kernel_oracle.properties` and
 * `kernel_oracle.losses`, both JSON, times in ns as decimal strings.
 */
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import type { ColumnSource } from 'hyparquet-writer/src/types.js';
import type { EventStore } from '../model/eventStore.js';
import { EVENT_COLUMNS, type Cell, type EventColumn } from './eventColumns.js';

const ROWS_PER_GROUP = 100_000;

/** Pieces of the file, one a row group, and the footer. */
export function* parquetPieces(store: EventStore, rowsPerGroup = ROWS_PER_GROUP): Generator<Uint8Array> {
  const bytes = new ByteWriter();
  const writer = new ParquetWriter({
    writer: bytes,
    schema: [
      { name: 'events', num_children: EVENT_COLUMNS.length },
      ...EVENT_COLUMNS.map(({ name, type, nullable }) => ({
        name,
        repetition_type: nullable ? ('OPTIONAL' as const) : ('REQUIRED' as const),
        ...(type === 'STRING' ? { type: 'BYTE_ARRAY' as const, converted_type: 'UTF8' as const } : { type }),
      })),
    ],
    kvMetadata: fileMetadata(store),
    createdBy: 'kernel-oracle',
  });
  for (let start = 0; start < store.length; start += rowsPerGroup) {
    const end = Math.min(store.length, start + rowsPerGroup);
    // Without a `flush` of the byte writer this is synchronous.
    void writer.write({
      columnData: EVENT_COLUMNS.map((column) => columnData(store, column, start, end)),
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

function columnData(store: EventStore, column: EventColumn, start: number, end: number): ColumnSource {
  const { name, cell } = column;
  const data = new Array<Cell>(end - start);
  for (let row = start; row < end; row += 1) data[row - start] = cell(store, row);
  // Times only grow: their differences are a third of their size.
  return name === 'time_ns' ? { name, data, encoding: 'DELTA_BINARY_PACKED' } : { name, data };
}

function fileMetadata(store: EventStore): { key: string; value: string }[] {
  const { format, properties } = store.metadata;
  const absolute = (offsetNs: number | undefined) =>
    offsetNs === undefined ? null : String(store.baseNs + BigInt(offsetNs));
  const losses = store.losses.map(({ cpu, afterNs, beforeNs, count, line }) => ({
    cpu,
    afterNs: absolute(afterNs),
    beforeNs: absolute(beforeNs),
    count: count ?? null,
    line,
  }));
  return [
    { key: 'kernel_oracle.format', value: format },
    { key: 'kernel_oracle.properties', value: JSON.stringify(Object.fromEntries(properties)) },
    { key: 'kernel_oracle.losses', value: JSON.stringify(losses) },
  ];
}
